/**
 * The functions that a confined query may call. Others are refused, since some read tables or files by a name given as
 * text (`query_to_xml`, `pg_read_file`), out of sight of any rewriting.
 */
const CALLABLE = new Set(
  [
    "abs avg bool_and bool_or cast ceil ceiling char_length coalesce concat concat_ws count every floor greatest group_concat iif instr least",
    "left length lower lpad ltrim max md5 min mod nullif octet_length position power repeat replace reverse right round rpad rtrim sign sqrt",
    "starts_with strpos string_agg substr substring sum total trim upper array_agg array_length array_position array_to_string unnest generate_series",
    "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank percentile_cont percentile_disc rank row_number",
    "date datetime strftime time unixepoch julianday now extract date_part date_trunc to_char to_date to_timestamp age make_date",
    "json json_agg json_array json_array_elements json_array_elements_text json_array_length json_build_array json_build_object json_each json_extract",
    "json_extract_path json_extract_path_text json_group_array json_group_object json_insert json_object json_object_agg json_object_keys json_patch",
    "json_quote json_remove json_replace json_set json_tree json_type json_typeof json_valid row_to_json to_json to_jsonb jsonb_agg jsonb_array_elements",
    "jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path",
    "jsonb_extract_path_text jsonb_object_agg jsonb_object_keys jsonb_set jsonb_strip_nulls jsonb_typeof",
  ].flatMap((line) => line.split(" ")),
);

export function isCallable(name: string): boolean {
  return CALLABLE.has(name.toLowerCase());
}
