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
  ReferenceNode,
  SelectAllNode,
  SelectionNode,
  TableNode,
  ValueNode,
  WhereNode,
} from "kysely";

/** How the rows of a table belong to a workspace. */
export interface TableRule {
  /** The column that holds the workspace's id; undefined for rows that belong to it only through `member`. */
  readonly column?: string;
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

/** The condition that a row of `table`, known as `alias`, is one of the workspace's. */
export function belongs(rule: TableRule, alias: string, workspaceId: string): OperationNode {
  if (rule.column !== undefined) return equals(alias, rule.column, workspaceId);
  const members: SelectQueryNode = {
    kind: "SelectQueryNode",
    from: FromNode.create([TableNode.create("member")]),
    selections: [SelectionNode.create(columnOf("member", "account_id"))],
    where: WhereNode.create(equals("member", "workspace_id", workspaceId)),
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
export function confinedRows({ table, rule, alias }: Reference, workspaceId: string): OperationNode {
  const rows: SelectQueryNode = {
    kind: "SelectQueryNode",
    from: FromNode.create([TableNode.create(table)]),
    selections: [SelectionNode.create(SelectAllNode.create())],
    where: WhereNode.create(belongs(rule, table, workspaceId)),
  };
  return AliasNode.create(rows, IdentifierNode.create(alias));
}

/** The given condition (all rows when there is none) and the other one. */
export function whereBoth(where: WhereNode | undefined, condition: OperationNode): WhereNode {
  return WhereNode.create(where === undefined ? condition : AndNode.create(ParensNode.create(where.where), condition));
}

function equals(table: string, column: string, value: string): OperationNode {
  return BinaryOperationNode.create(columnOf(table, column), OperatorNode.create("="), ValueNode.create(value));
}

function columnOf(table: string, column: string): ReferenceNode {
  return ReferenceNode.create(ColumnNode.create(column), TableNode.create(table));
}
