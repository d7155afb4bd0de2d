/** Names inside a data folder. */
export const DATABASE_FILE = 'tidemark.sqlite'
export const REGISTRY_FILE = 'registry.sqlite'
export const LOCAL_NETWORK_FOLDER = 'local-network'
export const BACKUP_FOLDER = 'backups'
