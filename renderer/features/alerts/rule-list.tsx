import { Button, Switch } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatDuration } from '../../../shared/format/quantity.ts'
import type { Rule } from '../../../shared/rules/rule.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { useView } from '../../ui/use-view.ts'
import classes from './alerts.module.css'
import { firstCondition, KIND_WORDS } from './rule-draft.ts'
import { RuleEditor } from './rule-editor.tsx'
import { RuleText } from './rule-text.tsx'
import { SeverityBadge } from './severity.tsx'

type Open = { kind: 'new' } | { kind: 'change'; rule: Rule } | { kind: 'text' } | null

function newRule(part: string): Rule {
  return {
    id: 'rule',
    name: 'Silent publisher',
    enabled: true,
    part,
    severity: 'warning',
    condition: firstCondition('silence', ''),
    forMs: 0,
    channels: [],
    note: '',
  }
}

export function RuleList() {
  const trpc = useTRPC()
  const { view } = useView()
  const [open, setOpen] = useState<Open>(null)
  const rules = useQuery(trpc.alerts.rules.queryOptions())
  const streams = useQuery(trpc.streams.list.queryOptions())
  if (rules.error) {
    return <ErrorState title="Rules" error={errorViewOf(rules.error)} onRetry={() => void rules.refetch()} />
  }
  if (rules.data === undefined || streams.data === undefined) return <LoadingState what="rules" />
  const part = view.part ?? streams.data[0]?.part
  const close = () => setOpen(null)
  const add = (
    <Button
      leftSection={<IconPlus size={15} />}
      disabled={part === undefined}
      onClick={() => setOpen({ kind: 'new' })}
    >
      New rule
    </Button>
  )
  return (
    <section className={classes.group} aria-label="Rules">
      <div className={classes.bar}>
        {add}
        <Button variant="default" onClick={() => setOpen({ kind: 'text' })}>
          As text
        </Button>
      </div>
      {rules.data.length === 0 ? (
        <EmptyState title="No rules yet">
          A rule looks at the messages of one stream as they arrive, in the order of their own time: values,
          silence, schema, provenance. Before you save one you see what it would have done last week.
        </EmptyState>
      ) : (
        <div className={classes.frame}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col" className={classes.state}>
                  Severity
                </th>
                <th scope="col" className={classes.wide}>
                  Rule
                </th>
                <th scope="col">Stream</th>
                <th scope="col" className={classes.state}>
                  On
                </th>
                <th scope="col" className={classes.actions}>
                  <span className={classes.hidden}>Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {rules.data.map((rule) => (
                <RuleRow key={rule.id} rule={rule} onChange={() => setOpen({ kind: 'change', rule })} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {open?.kind === 'new' && part !== undefined ? (
        <RuleEditor first={newRule(part)} isNew taken={rules.data.map(({ id }) => id)} onClose={close} />
      ) : null}
      {open?.kind === 'change' ? (
        <RuleEditor first={open.rule} isNew={false} taken={[]} onClose={close} />
      ) : null}
      {open?.kind === 'text' ? <RuleText rules={rules.data} onClose={close} /> : null}
    </section>
  )
}

function RuleRow({ rule, onChange }: { rule: Rule; onChange: () => void }) {
  const trpc = useTRPC()
  const put = useMutation(trpc.alerts.putRule.mutationOptions())
  const remove = useMutation(trpc.alerts.removeRule.mutationOptions())
  const { condition, forMs } = rule
  return (
    <tr data-quiet={!rule.enabled || undefined}>
      <td>
        <SeverityBadge severity={rule.severity} />
      </td>
      <td>
        <div className={classes.name}>
          <PlainText>{rule.name}</PlainText>
        </div>
        <p className={classes.sub}>
          {KIND_WORDS[condition.kind].label}
          {'field' in condition ? (
            <>
              {' of '}
              <PlainText>{condition.field}</PlainText>
            </>
          ) : null}
          {forMs > 0 ? `, for ${formatDuration(forMs)}` : ''}
        </p>
      </td>
      <td>
        <PlainText>{rule.part}</PlainText>
      </td>
      <td>
        <Switch
          aria-label={`${rule.name} is on`}
          checked={rule.enabled}
          onChange={() => put.mutate({ ...rule, enabled: !rule.enabled })}
        />
      </td>
      <td>
        <div className={classes.buttons}>
          <Button variant="default" size="compact-xs" onClick={onChange}>
            Change
          </Button>
          <Button
            variant="subtle"
            size="compact-xs"
            loading={remove.isPending}
            onClick={() => remove.mutate({ id: rule.id })}
          >
            Remove
          </Button>
        </div>
      </td>
    </tr>
  )
}
