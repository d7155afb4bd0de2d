import { openForWriting } from './database.ts'
import { migrate } from './migrate.ts'
import { answerFromTheSide } from './side-service.ts'

export interface MigrationQuestion {
  file: string
}

answerFromTheSide(({ file }: MigrationQuestion): number => {
  const db = openForWriting(file)
  try {
    return migrate(db)
  } finally {
    db.close()
  }
})
