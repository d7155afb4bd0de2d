import type { Dialect } from '../dialect.ts'

export const POSTGRES_DIALECT: Dialect = {
  begin: 'BEGIN',
  isShared: true,
  insertNew: 'INSERT OR ABORT INTO',
  lesser: 'least',
  greater: 'greatest',
  emptyBytes: "CAST('' AS BYTEA)",
  concatBytes: (column, order) => `string_agg(${column}, CAST('' AS BYTEA) ORDER BY ${order})`,
  listNumbers: (expression, order) => `string_agg(CAST(${expression} AS TEXT), ',' ORDER BY ${order})`,
  listOfNumbers: (name, columns) =>
    `unnest(${columns.map(() => 'CAST(? AS BIGINT[])').join(', ')}) AS ${name} (${columns.join(', ')})`,
  // As text with a mark before it, which `readText` makes a number of again.
  numberAmongNames: (column) => `chr(2) || CAST(${column} AS TEXT)`,
}
