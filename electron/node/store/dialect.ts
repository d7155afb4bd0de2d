/** What engines say differently. Everything else is SQL that all of them take. */
export interface Dialect {
  /** Begins a transaction that writes. */
  readonly begin: string
  /** Whether rows of `parts` carry a version, because others write beside us. */
  readonly isShared: boolean
  /** Begins the statement that writes a row of the pyramid under a key that is known to be free. */
  readonly insertNew: string
  /** Functions that answer the lesser and the greater of two values. */
  readonly lesser: string
  readonly greater: string
  /** An empty binary literal. */
  readonly emptyBytes: string
  /** One binary value of all values of a column, in an order. */
  concatBytes(column: string, order: string): string
  /** One text of all values of a numeric expression, with commas between, in an order. */
  listNumbers(expression: string, order: string): string
  /**
   * A table of rows that are given as parameters, one list of numbers for each column; null where a statement for each
   * row costs no more.
   */
  readonly listOfNumbers: ((name: string, columns: readonly string[]) => string) | null
  /**
   * A column of numbers that stands in a UNION with one of names. What comes out is a number for the one and text
   * for the other in every engine.
   */
  numberAmongNames(column: string): string
}

export const SQLITE_DIALECT: Dialect = {
  begin: 'BEGIN IMMEDIATE',
  isShared: false,
  // To look for the key costs nothing here.
  insertNew: 'INSERT OR REPLACE INTO',
  lesser: 'min',
  greater: 'max',
  emptyBytes: "x''",
  // SQLite aggregates in the order of the subquery that delivers the rows.
  concatBytes: (column) => `CAST(group_concat(${column}, '') AS BLOB)`,
  listNumbers: (expression) => `group_concat(${expression})`,
  listOfNumbers: null,
  numberAmongNames: (column) => column,
}
