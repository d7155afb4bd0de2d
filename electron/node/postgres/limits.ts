/** How long a connection may take to come about, ms: farther than around the world, nearer than patience. */
export const CONNECT_TIMEOUT_MS = 8_000
/** The server ends a transaction that nobody goes on with after this, ms: it would hold its locks for ever. */
export const IDLE_TRANSACTION_TIMEOUT_MS = 60_000
/** How long an answer is waited for beyond what its statement may take, ms: the way there and back. */
export const ANSWER_MARGIN_MS = 15_000
/** A connection of a pool that nobody needs is closed after this, ms. */
export const IDLE_CONNECTION_MS = 30_000
/** How long somebody waits for a connection of a pool, ms. */
export const POOL_WAIT_MS = 15_000
/** The oldest server whose SQL this is tried with, as `server_version_num` has it. */
export const OLDEST_SERVER_VERSION = 130_000
/** A clock further off than this, ms, is told: what came when would be told wrongly to others. */
export const MAX_CLOCK_DIFFERENCE_MS = 5_000
