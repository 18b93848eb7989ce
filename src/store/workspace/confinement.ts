import type { SelectQueryNode } from "kysely";
import {
  AliasNode,
  AndNode,
  BinaryOperationNode,
  ColumnNode,
  FromNode,
  IdentifierNode,
  type OperationNode,
  OperatorNode,
  ParensNode,
  PrimitiveValueListNode,
  ReferenceNode,
  SelectAllNode,
  SelectionNode,
  TableNode,
  ValueNode,
  WhereNode,
} from "kysely";

/** What a handle is confined to. */
export interface Scope {
  readonly workspaceId: string;
  /** Undefined for all environments of the workspace. */
  readonly environmentIds: readonly string[] | undefined;
}

/** How the rows of a table belong to a workspace, and to environments in it. */
export interface TableRule {
  /** The column that holds the workspace's id; undefined for rows that belong to it only through `member`, which can be read and added only. */
  readonly column?: string;
  /** The column that holds an environment's id; undefined for rows that belong to no single one. */
  readonly environmentColumn?: string;
  /** The columns that can be read and written, for rows that can be read and added only; undefined for all. */
  readonly visible?: readonly string[];
}

/** A column whose values are given by what the handle is confined to. */
export interface Bound {
  readonly column: string;
  readonly values: readonly string[];
  /** Whether it is set in a row that leaves it out. */
  readonly isImplied: boolean;
}

/** The tables of confined handles by name. Grows when modules are admitted. */
export type TableRules = ReadonlyMap<string, TableRule>;

/** What is thrown for a query that could reach beyond its workspace. Its text names tables and columns only. */
export class ConfinementError extends Error {
  constructor(problem: string) {
    super(`This query cannot be confined to its workspace: ${problem}`);
    this.name = "ConfinementError";
  }
}

export function boundsOf(rule: TableRule, { workspaceId, environmentIds }: Scope): readonly Bound[] {
  if (rule.column === undefined) return [];
  const workspace: Bound = { column: rule.column, values: [workspaceId], isImplied: true };
  if (rule.environmentColumn === undefined || environmentIds === undefined) return [workspace];
  return [workspace, { column: rule.environmentColumn, values: environmentIds, isImplied: false }];
}

/** The condition that a row of `table`, known as `alias`, is one of those that the handle is confined to. */
export function belongs(rule: TableRule, alias: string, scope: Scope): OperationNode {
  const [first, ...others] = boundsOf(rule, scope).map(({ column, values }) => isOneOf(alias, column, values));
  if (first !== undefined) return others.reduce((both, each) => AndNode.create(both, each), first);
  const members: SelectQueryNode = {
    kind: "SelectQueryNode",
    from: FromNode.create([TableNode.create("member")]),
    selections: [SelectionNode.create(columnOf("member", "account_id"))],
    where: WhereNode.create(isOneOf("member", "workspace_id", [scope.workspaceId])),
  };
  return BinaryOperationNode.create(columnOf(alias, "id"), OperatorNode.create("in"), members);
}

/** A table as a query refers to it. */
interface Reference {
  readonly table: string;
  readonly rule: TableRule;
  readonly alias: string;
}

/** `(select * from table where …) as alias`: in this form every kind of join, grouping and nesting keeps its meaning. */
export function confinedRows({ table, rule, alias }: Reference, scope: Scope): OperationNode {
  const columns = rule.visible?.map((column) => columnOf(table, column)) ?? [SelectAllNode.create()];
  const rows: SelectQueryNode = {
    kind: "SelectQueryNode",
    from: FromNode.create([TableNode.create(table)]),
    selections: columns.map((column) => SelectionNode.create(column)),
    where: WhereNode.create(belongs(rule, table, scope)),
  };
  return AliasNode.create(rows, IdentifierNode.create(alias));
}

/** The given condition (all rows when there is none) and the other one. */
export function whereBoth(where: WhereNode | undefined, condition: OperationNode): WhereNode {
  return WhereNode.create(where === undefined ? condition : AndNode.create(ParensNode.create(where.where), condition));
}

function isOneOf(table: string, column: string, values: readonly string[]): OperationNode {
  const [only, ...others] = values;
  // An empty list is no valid SQL.
  if (only === undefined)
    return BinaryOperationNode.create(ValueNode.createImmediate(1), OperatorNode.create("="), ValueNode.createImmediate(0));
  if (others.length === 0) return BinaryOperationNode.create(columnOf(table, column), OperatorNode.create("="), ValueNode.create(only));
  return BinaryOperationNode.create(columnOf(table, column), OperatorNode.create("in"), PrimitiveValueListNode.create(values));
}

function columnOf(table: string, column: string): ReferenceNode {
  return ReferenceNode.create(ColumnNode.create(column), TableNode.create(table));
}
