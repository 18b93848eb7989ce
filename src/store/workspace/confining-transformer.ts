import {
  type AggregateFunctionNode,
  AliasNode,
  type BinaryOperationNode,
  type ColumnUpdateNode,
  type DeleteQueryNode,
  FromNode,
  type FunctionNode,
  IdentifierNode,
  type InsertQueryNode,
  type JoinNode,
  type OperationNode,
  OperationNodeTransformer,
  OperatorNode,
  ParensNode,
  RawNode,
  type ReferenceNode,
  type RootOperationNode,
  type SelectModifierNode,
  type SelectQueryNode,
  TableNode,
  type UpdateQueryNode,
  type UsingNode,
  type WithNode,
} from "kysely";
import { isCallable } from "./callable.ts";
import {
  belongs,
  boundsOf,
  confinedRows,
  ConfinementError,
  type Scope,
  type TableRule,
  type TableRules,
  whereBoth,
} from "./confinement.ts";
import { confineColumns, refuseForeignValue, refuseHiddenColumns } from "./confined-insert.ts";
import { INNER_SOURCES, QUERY_KINDS, ROOT_KINDS } from "./query-kinds.ts";
import { rawProblem } from "./raw-fragment.ts";

interface Target {
  readonly rule: TableRule;
  readonly alias: string;
}

/** Rewrites a query so that it reaches the rows of one workspace, or of some of its environments, only, or throws a ConfinementError. */
export class ConfiningTransformer extends OperationNodeTransformer {
  readonly #rules: TableRules;
  readonly #scope: Scope;
  /** The common table expressions that can be seen from the node at hand. */
  #visible: readonly string[] = [];

  constructor(rules: TableRules, scope: Scope) {
    super();
    this.#rules = rules;
    this.#scope = scope;
  }

  confine<T extends RootOperationNode>(node: T): T {
    if (!ROOT_KINDS.has(node.kind))
      throw new ConfinementError("only select, insert, update and delete can be, made with the query builder.");
    this.#visible = [];
    this.nodeStack.length = 0;
    return this.transformNode(node);
  }

  protected override transformNodeImpl<T extends OperationNode>(node: T): T {
    if (!QUERY_KINDS.has(node.kind)) throw new ConfinementError(`${node.kind} is not allowed.`);
    return super.transformNodeImpl(node);
  }

  protected override transformSelectQuery(node: SelectQueryNode): SelectQueryNode {
    return this.#inScope(node, (scoped) => super.transformSelectQuery(scoped));
  }

  protected override transformUpdateQuery(node: UpdateQueryNode): UpdateQueryNode {
    const target = this.#target(node.table);
    const condition = belongs(target.rule, target.alias, this.#scope);
    if (target.rule.column === undefined) throw new ConfinementError("rows of this table can be read and added only.");
    this.#refuseMoves(target.rule, node.updates);
    const { table, ...rest } = node;
    const done = this.#inScope(rest, (scoped) => super.transformUpdateQuery(scoped));
    return { ...done, ...(table !== undefined && { table }), where: whereBoth(done.where, condition) };
  }

  protected override transformDeleteQuery(node: DeleteQueryNode): DeleteQueryNode {
    const [only, ...others] = node.from.froms;
    if (others.length > 0 || node.joins !== undefined) throw new ConfinementError("a delete names one table; use a subquery for others.");
    const target = this.#target(only);
    if (target.rule.column === undefined) throw new ConfinementError("rows of this table can be read and added only.");
    const done = this.#inScope<DeleteQueryNode>({ ...node, from: FromNode.create([]) }, (scoped) => super.transformDeleteQuery(scoped));
    return { ...done, from: node.from, where: whereBoth(done.where, belongs(target.rule, target.alias, this.#scope)) };
  }

  protected override transformInsertQuery(node: InsertQueryNode): InsertQueryNode {
    const target = this.#target(node.into);
    const action = node.orAction?.action ?? "abort";
    // Replacing would delete the row in the way, whosever it is.
    if (node.replace === true || (action !== "ignore" && action !== "abort"))
      throw new ConfinementError("an insert must not replace; use onConflict.");
    refuseHiddenColumns(node, target.rule.visible);
    const { into, ...rest } = node;
    const done = this.#inScope(rest, (scoped) => super.transformInsertQuery(scoped));
    const confined = confineColumns(done, boundsOf(target.rule, this.#scope));
    const { onConflict } = confined;
    if (onConflict?.updates === undefined) return { ...confined, ...(into !== undefined && { into }) };
    if (target.rule.column === undefined) throw new ConfinementError("rows of this table can be read and added only.");
    this.#refuseMoves(target.rule, onConflict.updates);
    const updateWhere = whereBoth(onConflict.updateWhere, belongs(target.rule, target.alias, this.#scope));
    return { ...confined, ...(into !== undefined && { into }), onConflict: { ...onConflict, updateWhere } };
  }

  protected override transformFrom(node: FromNode): FromNode {
    return { ...node, froms: node.froms.map((source) => this.#source(source)) };
  }

  protected override transformUsing(node: UsingNode): UsingNode {
    return { ...node, tables: node.tables.map((source) => this.#source(source)) };
  }

  protected override transformJoin(node: JoinNode): JoinNode {
    return { ...node, table: this.#source(node.table), ...(node.on !== undefined && { on: this.transformNode(node.on) }) };
  }

  protected override transformWith(node: WithNode): WithNode {
    return {
      ...node,
      expressions: node.expressions.map((expression) => {
        const name = this.#nameOf(expression.name.table);
        // SQLite does not tell names apart by case.
        if (this.#rules.has(name.toLowerCase()))
          throw new ConfinementError(`a common table expression must not be named like the table "${name}".`);
        const before = this.#visible;
        if (node.recursive === true) this.#visible = [...before, name];
        const done = { ...expression, expression: this.transformNode(expression.expression) };
        this.#visible = [...before, name];
        return done;
      }),
    };
  }

  // The table of a column's name is not a source of rows: it must be one of the query's own, or the database refuses it.
  protected override transformReference(node: ReferenceNode): ReferenceNode {
    if (node.table !== undefined) this.#nameOf(node.table);
    return node;
  }

  protected override transformSelectModifier(node: SelectModifierNode): SelectModifierNode {
    return { ...node, ...(node.rawModifier !== undefined && { rawModifier: this.transformNode(node.rawModifier) }) };
  }

  // Sources of rows are handled where they stand. Anywhere else a table has no business.
  protected override transformTable(node: TableNode): TableNode {
    throw new ConfinementError(`the table "${this.#nameOf(node)}" is named where rows cannot be confined.`);
  }

  protected override transformRaw(node: RawNode): RawNode {
    const problem = rawProblem(node);
    if (problem !== undefined) throw new ConfinementError(`a fragment of SQL is refused, because ${problem}.`);
    return super.transformRaw(node);
  }

  protected override transformFunction(node: FunctionNode): FunctionNode {
    requireCallable(node.func);
    return super.transformFunction(node);
  }

  protected override transformAggregateFunction(node: AggregateFunctionNode): AggregateFunctionNode {
    requireCallable(node.func);
    return super.transformAggregateFunction(node);
  }

  protected override transformBinaryOperation(node: BinaryOperationNode): BinaryOperationNode {
    // SQLite reads `x in name` as a search in the table of that name.
    const isSearch = OperatorNode.is(node.operator) && (node.operator.operator === "in" || node.operator.operator === "not in");
    if (isSearch && (node.rightOperand.kind === "ReferenceNode" || RawNode.is(node.rightOperand))) {
      throw new ConfinementError('"in" needs a list of values or a subquery.');
    }
    return super.transformBinaryOperation(node);
  }

  /** Confines the common table expressions of a query first, and what can see them after. */
  #inScope<T extends { readonly with?: WithNode }>(node: T, transform: (scoped: T) => T): T {
    const before = this.#visible;
    try {
      const { with: expressions, ...rest } = node;
      if (expressions === undefined) return transform(node);
      const confined = this.transformNode(expressions);
      return { ...transform(rest as T), with: confined };
    } finally {
      this.#visible = before;
    }
  }

  /** A table, query or function that rows are read from. */
  #source(node: OperationNode): OperationNode {
    if (TableNode.is(node)) return this.#rowsOf(node, node, undefined);
    if (ParensNode.is(node)) return ParensNode.create(this.#source(node.node));
    if (AliasNode.is(node)) {
      const alias = IdentifierNode.is(node.alias) ? node.alias.name : undefined;
      if (TableNode.is(node.node)) return this.#rowsOf(node, node.node, alias);
      return { ...node, node: this.#source(node.node), alias: this.transformNode(node.alias) } as AliasNode;
    }
    if (INNER_SOURCES.has(node.kind)) return this.transformNode(node);
    throw new ConfinementError("rows are read from a table or a query made with the query builder.");
  }

  #rowsOf(whole: OperationNode, table: TableNode, alias: string | undefined): OperationNode {
    const name = this.#nameOf(table);
    if (this.#visible.includes(name)) return whole;
    if (AliasNode.is(whole) && alias === undefined) throw new ConfinementError("the alias of a table must be a plain name.");
    return confinedRows({ table: name, rule: this.#ruleOf(name), alias: alias ?? name }, this.#scope);
  }

  /** The table that a query writes to. It is never a common table expression. */
  #target(node: OperationNode | undefined): Target {
    if (node !== undefined && TableNode.is(node)) {
      const name = this.#nameOf(node);
      return { rule: this.#ruleOf(name), alias: name };
    }
    if (node !== undefined && AliasNode.is(node) && TableNode.is(node.node) && IdentifierNode.is(node.alias)) {
      return { rule: this.#ruleOf(this.#nameOf(node.node)), alias: node.alias.name };
    }
    throw new ConfinementError("a write names one table.");
  }

  #nameOf(table: TableNode): string {
    const { schema, identifier } = table.table;
    if (schema !== undefined) throw new ConfinementError(`"${schema.name}.${identifier.name}" names a schema.`);
    return identifier.name;
  }

  #ruleOf(name: string): TableRule {
    const rule = this.#rules.get(name);
    if (rule === undefined) throw new ConfinementError(`the table "${name}" is not one of a workspace's. Declare yours with defineTables.`);
    return rule;
  }

  #refuseMoves(rule: TableRule, updates: readonly ColumnUpdateNode[] | undefined): void {
    const bounds = boundsOf(rule, this.#scope);
    for (const update of updates ?? []) refuseForeignValue(update, bounds);
  }
}

function requireCallable(name: string): void {
  if (!isCallable(name)) throw new ConfinementError(`the function "${name}" is not allowed.`);
}
