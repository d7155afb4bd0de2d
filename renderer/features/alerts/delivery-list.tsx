import { useQuery } from '@tanstack/react-query'
import type { DeliveryView } from '../../../shared/rules/channel.ts'
import { useTRPC } from '../../api/provider.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { Time } from '../../ui/time.tsx'
import classes from './alerts.module.css'

const STATE_WORDS: Record<DeliveryView['state'], string> = {
  waiting: 'Waiting',
  delivered: 'Delivered',
  'given-up': 'Given up',
}

/** What channels were told last, and what is still to be told. */
export function DeliveryList() {
  const trpc = useTRPC()
  const { data: deliveries } = useQuery(trpc.alerts.deliveries.queryOptions())
  if (deliveries === undefined || deliveries.length === 0) return null
  return (
    <section className={classes.group} aria-labelledby="alerts-deliveries">
      <h2 id="alerts-deliveries" className={classes.spaced}>
        Deliveries
      </h2>
      <div className={classes.frame}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col" className={classes.time}>
                When
              </th>
              <th scope="col">Channel</th>
              <th scope="col" className={classes.wide}>
                Notice
              </th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {deliveries.map(({ id, channel, createdAt, title, state, attempts, problem }) => (
              <tr key={id} data-quiet={state === 'delivered' || undefined}>
                <td>
                  <Time at={createdAt} />
                </td>
                <td>
                  <PlainText>{channel}</PlainText>
                </td>
                <td>
                  <PlainText>{title}</PlainText>
                </td>
                <td>
                  {STATE_WORDS[state]}
                  {attempts > 1 ? `, ${attempts} tries` : ''}
                  {problem === null ? null : (
                    <p className={classes.error}>
                      <PlainText clip={false}>{problem}</PlainText>
                    </p>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
