/** Names inside a data folder. */
export const DATABASE_FILE = 'tidemark.sqlite'
/** SQLite keeps what is not in the file yet beside it, under the file's name with these behind it; the file is the first. */
export const STORE_FILE_ENDINGS = ['', '-wal', '-shm'] as const
/** Verified messages that wait for a database server. */
export const SPOOL_FILE = 'spool.sqlite'
/** The password of the database server, sealed. */
export const DATABASE_PASSWORD_FILE = 'database-password.json'
/** Stores that moves to another engine have left behind. */
export const KEPT_STORES_FILE = 'kept-stores.json'
export const REGISTRY_FILE = 'registry.sqlite'
export const ALERT_FILE = 'alerts.sqlite'
/** What the schemas of streams do not allow, counted; found again from the messages. */
export const SCHEMA_MARKS_FILE = 'schema-marks.sqlite'
export const LOCAL_NETWORK_FOLDER = 'local-network'
/** What Streamr's SDK keeps: group keys of encrypted streams, certificates. */
export const SDK_FOLDER = 'streamr-sdk'
export const BACKUP_FOLDER = 'backups'
export const AUDIT_FOLDER = 'audits'
export const REMOTE_LOG_FOLDER = 'remote-log'
export const LAYOUTS_FOLDER = 'layouts'
export const SINK_FILE = 'sinks.json'
export const SINK_PASSWORD_FILE = 'sinks-password.json'
/** The token of `/metrics`, in a file that scrapers are pointed to; the data folder's own in every environment. */
export const METRICS_TOKEN_FILE = 'metrics-token'
/** Measurements of the node's sources that wait to be published. */
export const SOURCES_OUTBOX_FILE = 'sources-outbox.sqlite'
/** What became of verdicts after they were given. */
export const VERDICT_HISTORY_FILE = 'verdict-history.jsonl'
