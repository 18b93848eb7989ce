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
import { ConfinementError } from "./confinement.ts";

/** The insert with `column` set to the workspace's id in each row. Throws when a row names another's. */
export function confineColumns(node: InsertQueryNode, column: string | undefined, workspaceId: string): InsertQueryNode {
  if (column === undefined) return requireValues(node);
  const { defaultValues: isDefault, ...rest } = node;
  if (isDefault === true) return withValues(rest, [ColumnNode.create(column)], [[ValueNode.create(workspaceId)]]);
  const columns = node.columns ?? [];
  const at = columns.findIndex((each) => each.column.name.toLowerCase() === column);
  if (node.values !== undefined && SelectQueryNode.is(node.values)) {
    if (at >= 0) throw new ConfinementError(`leave "${column}" out of an insert from a query: it is set for you.`);
    return { ...node, columns: [...columns, ColumnNode.create(column)], values: selectWith(node.values, workspaceId) };
  }
  const rows = rowsOf(node).map((row) => {
    if (at < 0) return [...row, ValueNode.create(workspaceId)];
    return row.map((value, i) => (i === at ? ownValue(value, column, workspaceId) : value));
  });
  return withValues(node, at < 0 ? [...columns, ColumnNode.create(column)] : columns, rows);
}

/** Throws when an assignment to `column` would give a row to another workspace. */
export function refuseForeignValue(update: ColumnUpdateNode, column: string | undefined, workspaceId: string): void {
  const { column: target, value } = update;
  const name = ReferenceNode.is(target) ? target.column : target;
  if (!ColumnNode.is(name)) throw new ConfinementError("an update sets columns by their names.");
  if (name.column.name.toLowerCase() === column) ownValue(value, column, workspaceId);
}

function ownValue(value: OperationNode, column: string, workspaceId: string): OperationNode {
  if (ValueNode.is(value) && value.value === workspaceId) return value;
  if (value.kind === "DefaultInsertValueNode") return ValueNode.create(workspaceId);
  throw new ConfinementError(`"${column}" must be the workspace's own, or left out.`);
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
function selectWith(query: SelectQueryNode, workspaceId: string): SelectQueryNode {
  const always = BinaryOperationNode.create(ValueNode.createImmediate(1), OperatorNode.create("="), ValueNode.createImmediate(1));
  return {
    kind: "SelectQueryNode",
    from: FromNode.create([AliasNode.create(query, IdentifierNode.create("inserted"))]),
    selections: [
      SelectionNode.create(SelectAllNode.create()),
      SelectionNode.create(AliasNode.create(ValueNode.create(workspaceId), IdentifierNode.create("inserted_workspace"))),
    ],
    where: WhereNode.create(always),
  };
}
