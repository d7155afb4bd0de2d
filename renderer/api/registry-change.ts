import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { RegistryChange } from '../../shared/registry-change.ts'
import { useTRPC } from './provider.tsx'

/** An index follows its chain by seconds: what was written is looked for again after these, ms. */
const SEEN_AFTER_MS = [300, 1_500, 6_000, 20_000]

/** What gas is paid in here, and whether it costs anything. */
export function useGas(): { currency: string; isFree: boolean } {
  const trpc = useTRPC()
  const { data } = useQuery(trpc.node.environment.queryOptions())
  const running = data?.environments.find(({ name }) => name === data.running)
  return { currency: running?.currency ?? '', isFree: data?.running === 'local' }
}

/** What a change of the registry would cost, and the way to make it. */
export function useRegistryChange(change: RegistryChange, onDone: () => void) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const estimate = useQuery(
    trpc.registry.estimate.queryOptions(change, { retry: false, staleTime: 0, gcTime: 0 }),
  )
  const write = useMutation(
    trpc.registry.write.mutationOptions({
      onSuccess() {
        for (const delayMs of SEEN_AFTER_MS) {
          setTimeout(() => {
            void queryClient.invalidateQueries({ queryKey: trpc.registry.stream.pathKey() })
            void queryClient.invalidateQueries({ queryKey: trpc.streams.pathKey() })
          }, delayMs)
        }
        onDone()
      },
    }),
  )
  return { estimate, write }
}
