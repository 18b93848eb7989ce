export const DEFAULT_CHAIN = "main";

export const TABLE_EXISTS = "select to_regclass('ledger_record') is not null as found";

export const CREATE_TABLE = `
  create table if not exists ledger_record (
    chain text not null,
    seq bigint not null check (seq > 0),
    prev bytea not null check (length(prev) = 32),
    hash bytea not null check (length(hash) = 32),
    kind text not null,
    ref text,
    body text not null,
    primary key (chain, seq)
  );
  create index if not exists ledger_record_by_ref on ledger_record (chain, kind, ref) where ref is not null`;

export const HEAD = "select seq, hash from ledger_record where chain = $1 order by seq desc limit 1";

export const READ = "select seq, prev, hash, kind, ref, body from ledger_record where chain = $1 and seq > $2 order by seq limit $3";

const SCAN = `
  select seq, prev, hash, kind, ref, body from ledger_record
  where chain = $1 and seq > $2 and seq <= $3
    and not exists (select 1 from unnest($4::text[]) as part where position(part in body) = 0)`;

export const SCAN_OLDEST_FIRST = `${SCAN} order by seq limit $5`;

export const SCAN_NEWEST_FIRST = `${SCAN} order by seq desc limit $5`;

export const OPEN_INTENTS = `
  select i.body from ledger_record i
  where i.chain = $1 and i.kind = 'intent' and i.ref is not null and not exists (
    select 1 from ledger_record o where o.chain = i.chain and o.kind = 'outcome' and o.ref = i.ref)
  order by i.seq`;

/** All rows of a batch in one statement, whatever their number: one column is one array. */
export const INSERT = `
  insert into ledger_record (chain, seq, prev, hash, kind, ref, body)
  select $1, * from unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::text[], $6::text[], $7::text[])`;

export const PRUNE = `
  update ledger_record set body = given.body
  from unnest($2::bigint[], $3::text[]) as given(seq, body)
  where ledger_record.chain = $1 and ledger_record.seq = given.seq`;
