import {
  AliasNode,
  BinaryOperationNode,
  ColumnNode,
  type ColumnUpdateNode,
  FromNode,
  IdentifierNode,
  type InsertQueryNode,
  type OperationNode,
  OperatorNode,
  ReferenceNode,
  SelectAllNode,
  SelectionNode,
  SelectQueryNode,
  ValueListNode,
  ValueNode,
  ValuesNode,
  WhereNode,
} from "kysely";
import { type Bound, ConfinementError } from "./confinement.ts";

/** The insert with each bound column set in each row. Throws when a row names another value, or leaves one out that cannot be implied. */
export function confineColumns(node: InsertQueryNode, bounds: readonly Bound[]): InsertQueryNode {
  return bounds.length === 0 ? requireValues(node) : bounds.reduce(confineColumn, node);
}

function confineColumn(node: InsertQueryNode, bound: Bound): InsertQueryNode {
  const { column } = bound;
  const columns = node.columns ?? [];
  // SQLite does not tell names apart by case, and takes a name twice.
  const places = columns.flatMap((each, i) => (each.column.name.toLowerCase() === column ? [i] : []));
  if (node.defaultValues === true) {
    const { defaultValues: _, ...rest } = node;
    return withValues(rest, [ColumnNode.create(column)], [[impliedValue(bound)]]);
  }
  if (node.values !== undefined && SelectQueryNode.is(node.values)) {
    if (!bound.isImplied) throw new ConfinementError(`an insert from a query cannot say "${column}": insert values.`);
    if (places.length > 0) throw new ConfinementError(`leave "${column}" out of an insert from a query: it is set for you.`);
    return { ...node, columns: [...columns, ColumnNode.create(column)], values: selectWith(node.values, impliedValue(bound)) };
  }
  const rows = rowsOf(node).map((row) => {
    if (places.length === 0) return [...row, impliedValue(bound)];
    return row.map((value, i) => (places.includes(i) ? ownValue(value, bound) : value));
  });
  return withValues(node, places.length === 0 ? [...columns, ColumnNode.create(column)] : columns, rows);
}

/** Throws when an assignment would give a row to another workspace or environment. */
export function refuseForeignValue(update: ColumnUpdateNode, bounds: readonly Bound[]): void {
  const { column: target, value } = update;
  const name = ReferenceNode.is(target) ? target.column : target;
  if (!ColumnNode.is(name)) throw new ConfinementError("an update sets columns by their names.");
  for (const bound of bounds) if (name.column.name.toLowerCase() === bound.column) ownValue(value, bound);
}

/** Throws when the insert writes a column that cannot be seen. */
export function refuseHiddenColumns(node: InsertQueryNode, visible: readonly string[] | undefined): void {
  if (visible === undefined) return;
  for (const { column } of node.columns ?? []) {
    if (!visible.includes(column.name)) throw new ConfinementError(`the column "${column.name}" is not one of a workspace's.`);
  }
}

function ownValue(value: OperationNode, bound: Bound): OperationNode {
  if (ValueNode.is(value) && typeof value.value === "string" && bound.values.includes(value.value)) return value;
  if (value.kind === "DefaultInsertValueNode") return impliedValue(bound);
  throw new ConfinementError(
    bound.isImplied
      ? `"${bound.column}" must be the workspace's own, or left out.`
      : `"${bound.column}" must be one of the environments that this call is limited to.`,
  );
}

function impliedValue({ column, values, isImplied }: Bound): OperationNode {
  const [value] = values;
  if (!isImplied || value === undefined)
    throw new ConfinementError(`"${column}" must be named, as one of the environments that this call is limited to.`);
  return ValueNode.create(value);
}

function requireValues(node: InsertQueryNode): InsertQueryNode {
  rowsOf(node);
  return node;
}

function rowsOf(node: InsertQueryNode): readonly (readonly OperationNode[])[] {
  if (node.values === undefined || !ValuesNode.is(node.values))
    throw new ConfinementError("an insert has values or a query made with the query builder.");
  return node.values.values.map((row) => (ValueListNode.is(row) ? row.values : row.values.map((value) => ValueNode.create(value))));
}

function withValues(node: InsertQueryNode, columns: readonly ColumnNode[], rows: readonly (readonly OperationNode[])[]): InsertQueryNode {
  return { ...node, columns, values: ValuesNode.create(rows.map((row) => ValueListNode.create(row))) };
}

/** `select *, ? from (query) where 1 = 1`: SQLite needs the condition to tell an `on conflict` from a join's `on`. */
function selectWith(query: SelectQueryNode, value: OperationNode): SelectQueryNode {
  const always = BinaryOperationNode.create(ValueNode.createImmediate(1), OperatorNode.create("="), ValueNode.createImmediate(1));
  return {
    kind: "SelectQueryNode",
    from: FromNode.create([AliasNode.create(query, IdentifierNode.create("inserted"))]),
    selections: [
      SelectionNode.create(SelectAllNode.create()),
      SelectionNode.create(AliasNode.create(value, IdentifierNode.create("inserted_workspace"))),
    ],
    where: WhereNode.create(always),
  };
}
