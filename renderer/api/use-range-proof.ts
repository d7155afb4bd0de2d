import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { formatCount } from '../../shared/format/quantity.ts'
import { downloadText } from '../ui/download.ts'
import { errorViewOf } from './error-view.ts'
import { useTRPC } from './provider.tsx'

/**
 * Exports proofs of verified messages of a range as files, and says what became of it.
 * @param knownRoot the Merkle root that the range is known to have had, when it is
 */
export function useRangeProof(knownRoot?: string) {
  const trpc = useTRPC()
  return useMutation(
    trpc.messages.rangeProof.mutationOptions({
      onSuccess({ fileName, json, messages, leaves, root }) {
        downloadText(fileName, json, 'application/json')
        const isOther = knownRoot !== undefined && root !== knownRoot
        notifications.show({
          color: isOther ? 'danger' : 'accent',
          title: `Proof of ${formatCount(messages)} message${messages === 1 ? '' : 's'}`,
          message: isOther
            ? 'The node holds other messages of the range than when the audit was made: the proof has another Merkle root.'
            : `Each with its place among the ${formatCount(leaves)} verified messages of the range.`,
        })
      },
      onError(error) {
        const { message, remedy } = errorViewOf(error)
        notifications.show({
          color: 'danger',
          title: 'The proof could not be made',
          message: `${message} ${remedy}`,
        })
      },
    }),
  )
}
