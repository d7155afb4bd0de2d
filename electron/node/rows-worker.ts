import { parentPort } from 'node:worker_threads'
import { createRowMethods } from './rows/row-methods.ts'
import { serve } from './store/worker-service.ts'

/** The thread that reads contents, so that no search and no export holds up the windows. */
if (parentPort !== null) serve(parentPort, createRowMethods)
