/** A query as it was written: names are not looked up yet. Every `at` is an offset in the text, for errors. */
export interface Query {
  select: SelectItem[];
  /** `SELECT COUNT()`: the answer is a number. */
  isCount: boolean;
  from: { name: string; alias: string | undefined; at: number };
  where: Condition | undefined;
  groupBy: FieldPath[];
  having: Condition | undefined;
  orderBy: OrderKey[];
  limit: number | undefined;
  offset: number | undefined;
}

export type SelectItem =
  | { kind: 'field'; path: FieldPath; alias: string | undefined }
  | { kind: 'function'; call: FunctionCall; alias: string | undefined }
  | { kind: 'fields'; group: FieldGroup; at: number }
  | { kind: 'subquery'; query: Query; at: number }
  | {
      kind: 'typeof';
      relationship: FieldPath;
      branches: { type: string; at: number; fields: FieldPath[] }[];
      otherwise: FieldPath[];
    };

export type FieldGroup = 'ALL' | 'STANDARD' | 'CUSTOM';

export interface FieldPath {
  /** `Account.Parent.Name` → three parts. */
  parts: string[];
  at: number;
}

export interface FunctionCall {
  name: AggregateName;
  /** Absent: `COUNT()`. */
  argument: FieldPath | undefined;
  at: number;
}

export const AGGREGATES = ['COUNT', 'COUNT_DISTINCT', 'SUM', 'AVG', 'MIN', 'MAX'] as const;
export type AggregateName = (typeof AGGREGATES)[number];

export type Operand = { kind: 'path'; path: FieldPath } | { kind: 'call'; call: FunctionCall };

export type ComparisonOperator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'LIKE';

export type Condition =
  | { kind: 'and' | 'or'; items: Condition[] }
  | { kind: 'not'; item: Condition }
  | { kind: 'compare'; left: Operand; operator: ComparisonOperator; value: Literal; at: number }
  | { kind: 'in'; left: Operand; negated: boolean; values: Literal[] | Query; at: number }
  | { kind: 'includes'; left: Operand; negated: boolean; values: Literal[]; at: number };

export type Literal =
  | { kind: 'text'; value: string; pattern: LikePattern; at: number }
  | { kind: 'number'; value: number; at: number }
  | { kind: 'boolean'; value: boolean; at: number }
  | { kind: 'null'; at: number }
  /** `2026-05-04` */
  | { kind: 'date'; value: string; at: number }
  /** Milliseconds since 1970. */
  | { kind: 'datetime'; value: number; at: number }
  /** `LAST_N_DAYS:7` */
  | { kind: 'dateLiteral'; name: string; count: number | undefined; at: number };

/** What a text means to LIKE: `any` is `%`, `one` is `_`, everything else stands for itself. */
export type LikePattern = readonly (string | { wild: 'any' | 'one' })[];

export interface OrderKey {
  operand: Operand;
  descending: boolean;
  nullsFirst: boolean;
}
