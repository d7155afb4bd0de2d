import { z } from 'zod'
import { digestInput, messageIdInput } from '../../../shared/inputs.ts'
import {
  type BackupEvent,
  logInput,
  publishInput,
  type RestoreEvent,
  SYNC_MODES,
} from '../../../shared/remote-log.ts'
import { withProgress } from '../progress.ts'
import { procedure, router } from '../trpc.ts'

/** An address is a CID of 59 characters. */
const MAX_ADDRESS_LENGTH = 100
const addressInput = z.string().max(MAX_ADDRESS_LENGTH).nullable()
const MAX_PATH_LENGTH = 4_096
const MAX_LINK_LENGTH = 2_048
const MAX_CODE_LENGTH = 64
const MAX_MULTIADDR_LENGTH = 1_024
const MAX_PEER_LENGTH = 128
const MAX_HOST_LENGTH = 255
const MAX_PORT = 65_535

/** A plain name: backups go into the data folder, wherever the asker would like them to be. */
const backupNameInput = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)

/** Logs published and read: the persistent names of streams. Long work yields its progress. */
export const remoteLogRouter = router({
  list: procedure.query(({ ctx }) => ctx.node.remoteLog.list()),
  publish: procedure.input(publishInput).mutation(({ ctx, input }) => ctx.node.remoteLog.publish(input)),
  unpublish: procedure.input(logInput).mutation(({ ctx, input }) => ctx.node.remoteLog.unpublish(input)),
  follow: procedure.input(logInput).mutation(({ ctx, input }) => ctx.node.remoteLog.follow(input)),
  unfollow: procedure.input(logInput).mutation(({ ctx, input }) => ctx.node.remoteLog.unfollow(input)),
  forget: procedure.input(logInput).mutation(({ ctx, input }) => ctx.node.remoteLog.forget(input)),
  restore: procedure.input(logInput).subscription(({ ctx, input, signal }) =>
    withProgress<RestoreEvent>(async (tell, aborted) => {
      const onProgress = (progress: RestoreProgress) => tell({ kind: 'progress', progress })
      tell({ kind: 'report', report: await ctx.node.remoteLog.restore(input, onProgress, aborted) })
    }, signal),
  ),
  verify: procedure.input(logInput).subscription(({ ctx, input, signal }) =>
    withProgress<RestoreEvent>(async (tell, aborted) => {
      const onProgress = (progress: RestoreProgress) => tell({ kind: 'progress', progress })
      tell({ kind: 'report', report: await ctx.node.remoteLog.verify(input, onProgress, aborted) })
    }, signal),
  ),
  inspect: procedure
    .input(logInput.extend({ address: addressInput.default(null) }))
    .query(({ ctx, input: { address, ...ref }, signal }) => ctx.node.remoteLog.inspect(ref, address, signal)),
  /** The logs a stored message is part of. */
  cite: procedure
    .input(z.object({ id: messageIdInput, digest: digestInput.optional() }))
    .query(({ ctx, input }) => ctx.node.remoteLog.citations(input.id, input.digest)),
  paired: procedure.query(({ ctx }) => ctx.node.remoteLog.paired.view()),
  /** Shows a code and a link that pair one node, once. */
  invite: procedure.mutation(({ ctx }) => ctx.node.remoteLog.paired.invite()),
  withdrawInvitation: procedure.mutation(({ ctx }) => ctx.node.remoteLog.paired.withdraw()),
  pair: procedure
    .input(
      z.union([
        z.object({ link: z.string().max(MAX_LINK_LENGTH) }),
        z.object({ code: z.string().max(MAX_CODE_LENGTH), address: z.string().max(MAX_MULTIADDR_LENGTH) }),
      ]),
    )
    .mutation(({ ctx, input, signal }) => ctx.node.remoteLog.paired.join(input, signal)),
  unpair: procedure
    .input(z.object({ peer: z.string().max(MAX_PEER_LENGTH) }))
    .mutation(({ ctx, input }) => ctx.node.remoteLog.paired.remove(input.peer)),
  setSyncMode: procedure
    .input(z.object({ mode: z.enum(SYNC_MODES) }))
    .mutation(({ ctx, input }) => ctx.node.remoteLog.paired.setMode(input.mode)),
  server: procedure.query(({ ctx }) => ctx.node.remoteLog.server.view()),
  /** Serves this node's own keeper over HTTP, or stops that. */
  serve: procedure
    .input(
      z
        .object({
          host: z.string().min(1).max(MAX_HOST_LENGTH).default('127.0.0.1'),
          port: z.int().min(0).max(MAX_PORT).default(0),
          allowWriting: z.boolean().default(false),
        })
        .nullable(),
    )
    .mutation(({ ctx, input }) => ctx.node.remoteLog.server.change(input)),
  backups: procedure.query(({ ctx }) => ctx.node.remoteLog.backups.list()),
  /** Writes a log into a CAR file in the data folder's `backups`. */
  backUp: procedure
    .input(logInput.extend({ file: backupNameInput }))
    .subscription(({ ctx, input: { file, ...ref }, signal }) =>
      withProgress<BackupEvent>(async (tell, aborted) => {
        const path = await ctx.node.remoteLog.backups.pathFor(file)
        const onProgress = (progress: BackupProgress) => tell({ kind: 'progress', progress })
        const progress = await ctx.node.remoteLog.backUp(ref, path, onProgress, aborted)
        tell({ kind: 'done', file: path, progress })
      }, signal),
    ),
  /** Takes a CAR file in: the name of one in `backups`, or a path on the node's machine. */
  restoreBackup: procedure
    .input(z.object({ file: z.string().min(1).max(MAX_PATH_LENGTH) }))
    .subscription(({ ctx, input, signal }) =>
      withProgress<RestoreEvent>(async (tell, aborted) => {
        const path = ctx.node.remoteLog.backups.find(input.file)
        const onProgress = (progress: RestoreProgress) => tell({ kind: 'progress', progress })
        tell({ kind: 'report', report: await ctx.node.remoteLog.restoreBackup(path, onProgress, aborted) })
      }, signal),
    ),
})

type RestoreProgress = Extract<RestoreEvent, { kind: 'progress' }>['progress']
type BackupProgress = Extract<BackupEvent, { kind: 'progress' }>['progress']
