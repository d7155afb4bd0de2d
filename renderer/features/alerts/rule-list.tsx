import { Button, Switch } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatDuration } from '../../../shared/format/quantity.ts'
import type { Rule } from '../../../shared/rules/rule.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { PartName } from '../../ui/part-name.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { useView } from '../../ui/use-view.ts'
import classes from './alerts.module.css'
import { firstCondition, KIND_WORDS } from './rule-draft.ts'
import { RuleEditor } from './rule-editor.tsx'
import { RuleText } from './rule-text.tsx'
import { SeverityBadge } from './severity.tsx'

const TABLE_WIDTH_PX = 860

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
        <DataTable
          columns={ruleColumns((rule) => setOpen({ kind: 'change', rule }))}
          rows={rules.data}
          keyOf={({ id }) => id}
          isDim={({ enabled }) => !enabled}
          hasFrame
          minWidthPx={TABLE_WIDTH_PX}
          align="top"
        />
      )}
      {open?.kind === 'new' && part !== undefined ? (
        <RuleEditor first={newRule(part)} isNew taken={rules.data.map(({ id }) => id)} onClose={close} />
      ) : null}
      {open?.kind === 'change' ? (
        <RuleEditor first={open.rule} isNew={false} taken={[]} onClose={close} />
      ) : null}
      {open?.kind === 'text' ? <RuleText onClose={close} /> : null}
    </section>
  )
}

function ruleColumns(onChange: (rule: Rule) => void): Column<Rule>[] {
  return [
    { title: 'Severity', width: 128, cell: ({ severity }) => <SeverityBadge severity={severity} /> },
    { title: 'Rule', kind: 'name', width: '34%', cell: (rule) => <RuleWords rule={rule} /> },
    { title: 'Stream', cell: ({ part }) => <PartName part={part} /> },
    { title: 'On', width: 84, cell: (rule) => <RuleSwitch rule={rule} /> },
    {
      title: 'Actions',
      kind: 'actions',
      width: 190,
      cell: (rule) => <RuleActions rule={rule} onChange={() => onChange(rule)} />,
    },
  ]
}

function RuleWords({ rule: { name, condition, forMs } }: { rule: Rule }) {
  return (
    <>
      <div className={classes.name}>
        <PlainText>{name}</PlainText>
      </div>
      <p className={classes.sub}>
        {KIND_WORDS[condition.kind].label}
        {'field' in condition ? (
          <>
            {' of '}
            <PlainText clip={false}>{condition.field}</PlainText>
          </>
        ) : null}
        {forMs > 0 ? `, for ${formatDuration(forMs)}` : ''}
      </p>
    </>
  )
}

function RuleSwitch({ rule }: { rule: Rule }) {
  const trpc = useTRPC()
  const put = useMutation(trpc.alerts.putRule.mutationOptions())
  return (
    <Switch
      aria-label={`${rule.name} is on`}
      checked={rule.enabled}
      onChange={() => put.mutate({ ...rule, enabled: !rule.enabled })}
    />
  )
}

function RuleActions({ rule, onChange }: { rule: Rule; onChange: () => void }) {
  const trpc = useTRPC()
  const remove = useMutation(trpc.alerts.removeRule.mutationOptions())
  return (
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
  )
}
