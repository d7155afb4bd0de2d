import Database from 'better-sqlite3'
import { openForReading } from '../database.ts'
import { answerFromTheSide } from '../side-service.ts'

export interface IntegrityCheckQuestion {
  file: string
}

/** Problems reported per table; more say nothing new. */
const MAX_PROBLEMS = 20

/** Checks a file table by table; the answer names tables and what is wrong with them. Empty: nothing is. */
function checkIntegrity(file: string): string[] {
  const db = openForReading(file)
  try {
    const tables = db
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .pluck()
      .all()
    return tables.flatMap((table) => checkTable(db, table))
  } catch (error) {
    return [problemOf('schema', error)]
  } finally {
    db.close()
  }
}

function checkTable(db: Database.Database, table: string): string[] {
  try {
    const rows = db.prepare<[], string>(`PRAGMA quick_check('${table}')`).pluck().all()
    return rows
      .filter((row) => row !== 'ok')
      .slice(0, MAX_PROBLEMS)
      .map((row) => `${table}: ${row}`)
  } catch (error) {
    return [problemOf(table, error)]
  }
}

function problemOf(table: string, error: unknown): string {
  if (error instanceof Database.SqliteError) return `${table}: ${error.message}`
  throw error
}

answerFromTheSide(({ file }: IntegrityCheckQuestion) => checkIntegrity(file))
