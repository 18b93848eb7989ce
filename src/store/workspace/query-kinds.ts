import type { OperationNodeKind } from "kysely";

/** The nodes that a confined query may begin with. */
export const ROOT_KINDS: ReadonlySet<OperationNodeKind> = new Set(["SelectQueryNode", "InsertQueryNode", "UpdateQueryNode", "DeleteQueryNode"]);

/** The nodes of queries. All others (of schemas, of other databases' dialects) are refused. */
export const QUERY_KINDS: ReadonlySet<OperationNodeKind> = new Set([
  ...ROOT_KINDS,
  "IdentifierNode", "SchemableIdentifierNode", "RawNode", "SelectionNode", "ReferenceNode", "ColumnNode", "TableNode", "AliasNode", "FromNode",
  "SelectAllNode", "AndNode", "OrNode", "ParensNode", "ValueNode", "ValueListNode", "PrimitiveValueListNode", "JoinNode", "OperatorNode", "WhereNode",
  "ReturningNode", "OrderByNode", "OrderByItemNode", "GroupByNode", "GroupByItemNode", "ColumnUpdateNode", "LimitNode", "OffsetNode", "OnConflictNode",
  "ListNode", "WithNode", "CommonTableExpressionNode", "CommonTableExpressionNameNode", "HavingNode", "OnNode", "ValuesNode", "SelectModifierNode",
  "ExplainNode", "DefaultInsertValueNode", "AggregateFunctionNode", "OverNode", "PartitionByNode", "PartitionByItemNode", "SetOperationNode",
  "BinaryOperationNode", "UnaryOperationNode", "UsingNode", "FunctionNode", "CaseNode", "WhenNode", "JSONReferenceNode", "JSONPathNode",
  "JSONPathLegNode", "JSONOperatorChainNode", "TupleNode", "CastNode", "DataTypeNode", "FetchNode", "OrActionNode", "CollateNode",
]);

/** Sources of rows that stand for themselves: what is in them is confined when it is reached. */
export const INNER_SOURCES: ReadonlySet<OperationNodeKind> = new Set(["SelectQueryNode", "ValuesNode", "FunctionNode", "AggregateFunctionNode"]);
