import { DATABASE_TLS, type DatabaseTls } from '../../../shared/database.ts'

export const TLS_WORDS: Record<DatabaseTls, string> = {
  off: 'not encrypted',
  require: 'encrypted, whoever answers',
  verify: 'encrypted, and the server proves its name',
}

export const TLS_CHOICES = DATABASE_TLS.map((value) => ({
  value,
  label: `${TLS_WORDS[value].charAt(0).toUpperCase()}${TLS_WORDS[value].slice(1)}`,
}))
