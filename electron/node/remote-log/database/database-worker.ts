/** Thread that serves the SQLite files of the remote log; spoken to by `database.ts`. */
import { parentPort } from 'node:worker_threads'
import { type DatabaseAnswer, type DatabaseRequest, toErrorShape } from './protocol.ts'
import { SqliteFile } from './sqlite-file.ts'

const port = parentPort
if (port === null) throw new Error('database-worker runs as a worker thread only')

const files = new Map<number, SqliteFile>()

function fileOf(number: number): SqliteFile {
  const file = files.get(number)
  if (file === undefined) throw new Error('The database file is closed.')
  return file
}

function closeFile(number: number): void {
  files.get(number)?.close()
  files.delete(number)
}

function answer(request: DatabaseRequest): unknown {
  switch (request.kind) {
    case 'open':
      files.set(request.file, new SqliteFile(request.path, request.migrations))
      return undefined
    case 'write':
      return fileOf(request.file).write(request.statements)
    case 'read':
      return fileOf(request.file).read(request.sql, request.parameters)
    case 'close':
      return closeFile(request.file)
    case 'end':
      for (const number of [...files.keys()]) closeFile(number)
      return undefined
  }
}

port.on('message', (request: DatabaseRequest) => {
  const reply: DatabaseAnswer = { call: request.call }
  try {
    reply.value = answer(request)
  } catch (error) {
    reply.error = toErrorShape(error)
  }
  port.postMessage(reply)
})
