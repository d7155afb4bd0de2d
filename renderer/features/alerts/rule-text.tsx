import { Button, Textarea } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Rule } from '../../../shared/rules/rule.ts'
import { readRuleSet, writeRuleSet } from '../../../shared/rules/rule-set.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import classes from './alerts.module.css'

/** All rules as text: to keep, to share, to take over from somebody. */
export function RuleText({ onClose }: { onClose: () => void }) {
  const trpc = useTRPC()
  // Asked for anew: a rule that was saved a moment ago and is not in the text would be removed with it.
  const rules = useQuery({ ...trpc.alerts.rules.queryOptions(), refetchOnMount: 'always' })
  return (
    <Dialog opened onClose={onClose} title="Rules as text" widthPx={820}>
      {rules.error ? (
        <ErrorState title="Rules" error={errorViewOf(rules.error)} onRetry={() => void rules.refetch()} />
      ) : rules.data === undefined || !rules.isFetchedAfterMount ? (
        <LoadingState what="rules" />
      ) : (
        <RuleTextForm rules={rules.data} onClose={onClose} />
      )}
    </Dialog>
  )
}

function RuleTextForm({ rules, onClose }: { rules: readonly Rule[]; onClose: () => void }) {
  const trpc = useTRPC()
  const [text, setText] = useState(() => writeRuleSet(rules))
  const save = useMutation(trpc.alerts.setRuleText.mutationOptions({ onSuccess: onClose }))
  const read = readRuleSet(text)
  return (
    <>
      <Textarea
        className={classes.text ?? ''}
        aria-label="Rules as text"
        description="No channel’s secret is in it: it can be shared as it is. Saving it replaces all rules."
        autosize
        minRows={18}
        maxRows={26}
        spellCheck={false}
        value={text}
        error={read.problem}
        onChange={(event) => setText(event.currentTarget.value)}
        data-autofocus
      />
      {save.error ? <p className={classes.error}>{errorViewOf(save.error).message}</p> : null}
      <div className={classes.foot}>
        <CopyButton value={text} what="the rules" />
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            loading={save.isPending}
            disabled={read.problem !== undefined}
            onClick={() => save.mutate({ text })}
          >
            Replace all rules
          </Button>
        </div>
      </div>
    </>
  )
}
