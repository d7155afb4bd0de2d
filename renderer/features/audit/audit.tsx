import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import classes from './audit.module.css'
import { AuditList } from './audit-list.tsx'
import { AuditSheet } from './audit-sheet.tsx'
import { BeginAudit } from './begin-audit.tsx'

/** Audits of ranges: begun here, watched while they run, and walked finding by finding when they are done. */
export function Audit() {
  const trpc = useTRPC()
  const audits = useQuery(trpc.audit.list.queryOptions())
  const [chosen, setChosen] = useState<string | null>(null)
  const [isBeginning, setIsBeginning] = useState(false)
  const open = audits.data?.find(({ id }) => id === chosen) ?? audits.data?.[0]
  const begin = (
    <BeginAudit
      onBegun={(id) => {
        setChosen(id)
        setIsBeginning(false)
      }}
    />
  )
  if (audits.data === undefined) {
    return audits.error ? (
      <ErrorState
        title="The audits could not be listed"
        error={errorViewOf(audits.error)}
        onRetry={() => void audits.refetch()}
      />
    ) : (
      <LoadingState what="audits" />
    )
  }
  return (
    <div className={classes.page}>
      <AuditList
        audits={audits.data}
        open={isBeginning ? null : (open?.id ?? null)}
        onOpen={(id) => {
          setChosen(id)
          setIsBeginning(false)
        }}
        onBegin={() => setIsBeginning(true)}
      />
      <div className={classes.centre}>
        {isBeginning && open !== undefined ? (
          <div className={classes.begin}>
            <h2>New audit</h2>
            {begin}
          </div>
        ) : open === undefined ? (
          <EmptyState title="No audits yet" action={begin}>
            An audit checks every stored message of a range again: its signature, its publisher’s right at
            that time, its place in the publisher’s chain, its clock. It ends with a signed report that
            anybody can check without this node.
          </EmptyState>
        ) : (
          <AuditSheet key={open.id} audit={open} />
        )}
      </div>
    </div>
  )
}
