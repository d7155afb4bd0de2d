import { parentPort } from 'node:worker_threads'
import { createSinkMethods } from './sink/sink-methods.ts'
import { createThreadLogger } from './sink/thread-logger.ts'
import { serve } from './store/worker-service.ts'

/** The thread that reads messages into rows and writes them. */
if (parentPort !== null) serve(parentPort, () => createSinkMethods({ logger: createThreadLogger() }))
