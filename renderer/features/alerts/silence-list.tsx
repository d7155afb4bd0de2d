import { Button } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../api/provider.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { Time } from '../../ui/time.tsx'
import classes from './alerts.module.css'

/** Silences in force; nothing when there are none. */
export function SilenceList() {
  const trpc = useTRPC()
  const silences = useQuery(trpc.alerts.silences.queryOptions())
  const rules = useQuery(trpc.alerts.rules.queryOptions())
  const end = useMutation(trpc.alerts.endSilence.mutationOptions())
  if (silences.data === undefined || silences.data.length === 0) return null
  const nameOf = (id: string | null) =>
    id === null ? 'All rules' : (rules.data?.find((rule) => rule.id === id)?.name ?? id)
  return (
    <section className={classes.group} aria-labelledby="alerts-silences">
      <h2 id="alerts-silences">Silences</h2>
      <div className={classes.frame}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col">Publisher</th>
              <th scope="col">Why</th>
              <th scope="col" className={classes.time}>
                Up to
              </th>
              <th scope="col" className={classes.actions}>
                <span className={classes.hidden}>Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {silences.data.map(({ id, ruleId, publisher, reason, endsAt }) => (
              <tr key={id}>
                <td>
                  <PlainText>{nameOf(ruleId)}</PlainText>
                </td>
                <td>{publisher === null ? 'All' : <ShortId id={publisher} what="publisher" />}</td>
                <td>
                  <PlainText>{reason}</PlainText>
                </td>
                <td>
                  <Time at={endsAt} />
                </td>
                <td>
                  <div className={classes.buttons}>
                    <Button variant="default" size="compact-xs" onClick={() => end.mutate({ id })}>
                      End now
                    </Button>
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
