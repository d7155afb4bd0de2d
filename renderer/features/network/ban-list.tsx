import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { useTRPC } from '../../api/provider.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { Time } from '../../ui/time.tsx'
import classes from './network.module.css'

/** Addresses that are dialled at every start, and peers that are kept out; nothing where there are none. */
export function BanList({ listed }: { listed: readonly string[] }) {
  const trpc = useTRPC()
  const queries = useQueryClient()
  const bans = useQuery(trpc.network.bans.queryOptions(undefined, { refetchInterval: 5_000 }))
  const onSuccess = () => queries.invalidateQueries({ queryKey: trpc.network.pathKey() })
  const lift = useMutation(trpc.network.liftBan.mutationOptions({ onSuccess }))
  const remove = useMutation(trpc.network.removePeer.mutationOptions({ onSuccess }))
  return (
    <>
      {listed.length === 0 ? null : (
        <>
          <h3>Listed addresses</h3>
          <ul className={classes.list}>
            {listed.map((address) => (
              <li key={address}>
                <span className={classes.address}>
                  <PlainText>{address}</PlainText>
                </span>
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-label={`Remove ${address} from the list`}
                  onClick={() => remove.mutate({ multiaddr: address })}
                >
                  Remove
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
      {bans.data === undefined || bans.data.length === 0 ? null : (
        <>
          <h3>Banned</h3>
          <ul className={classes.list}>
            {bans.data.map(({ who, tookAlong, reason, until }) => (
              <li key={who}>
                <ShortId id={who} what="banned peer" head={8} tail={6} />
                {tookAlong.length === 0 ? null : (
                  <span className={classes.with}>
                    with
                    {tookAlong.map((peerId) => (
                      <ShortId key={peerId} id={peerId} what="peer id" head={8} tail={6} />
                    ))}
                  </span>
                )}
                <PlainText>{reason}</PlainText>
                <span className={classes.sub}>
                  {until === null ? (
                    'until it is lifted'
                  ) : (
                    <>
                      until <Time at={until} short />
                    </>
                  )}
                </span>
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-label={`Lift the ban of ${shortenMiddle(who, 8, 6)}`}
                  onClick={() => lift.mutate({ who })}
                >
                  Lift
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}
