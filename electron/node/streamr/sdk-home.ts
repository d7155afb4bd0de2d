/**
 * The SDK writes group keys into the application data of the user, and certificates into `~/.streamr`; both by
 * the user's home folder, with no setting for the first. In this thread home is a folder of the node's own. To be
 * imported before the SDK, which asks for its home when it is loaded.
 */
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { join } from 'node:path'
import { workerData } from 'node:worker_threads'

const { filesFolder } = workerData as { filesFolder: string }

// A thread's environment is a copy: the process keeps its own.
Object.assign(process.env, {
  HOME: filesFolder,
  USERPROFILE: filesFolder,
  XDG_DATA_HOME: filesFolder,
  XDG_CONFIG_HOME: filesFolder,
  XDG_CACHE_HOME: filesFolder,
  XDG_STATE_HOME: filesFolder,
  APPDATA: join(filesFolder, 'AppData', 'Roaming'),
  LOCALAPPDATA: join(filesFolder, 'AppData', 'Local'),
})
// The system is asked for it where the environment is not.
os.homedir = () => filesFolder
syncBuiltinESMExports()
