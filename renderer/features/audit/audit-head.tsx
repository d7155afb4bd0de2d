import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDownload, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { AuditView } from '../../../shared/audit.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import { MAX_PROOF_MESSAGES } from '../../../shared/proof.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useApi, useTRPC } from '../../api/provider.tsx'
import { useRangeProof } from '../../api/use-range-proof.ts'
import { downloadBlob, downloadText } from '../../ui/download.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import { Time } from '../../ui/time.tsx'
import classes from './audit.module.css'
import { selfCheckingPage } from './self-checking-page.ts'

const PDF = 'application/pdf'

function showFailure(error: unknown): void {
  const { message, remedy } = errorViewOf(error)
  notifications.show({ color: 'danger', title: 'That did not work', message: `${message} ${remedy}` })
}

/** What is audited, and what can be done with it. */
export function AuditHead({ audit }: { audit: AuditView }) {
  const trpc = useTRPC()
  const { id, status } = audit
  const options = { onError: showFailure }
  const pause = useMutation(trpc.audit.pause.mutationOptions(options))
  const resume = useMutation(trpc.audit.resume.mutationOptions(options))
  const remove = useMutation(trpc.audit.remove.mutationOptions(options))
  return (
    <div className={classes.head}>
      <div className={classes.subject}>
        <h2>
          <bdi>{visibleText(audit.part)}</bdi>
        </h2>
        <p>
          <Time at={audit.from} /> – <Time at={audit.to} />
        </p>
      </div>
      {status === 'running' ? (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlayerPause size={14} />}
          loading={pause.isPending}
          onClick={() => pause.mutate({ id })}
        >
          Pause
        </Button>
      ) : null}
      {status === 'paused' || status === 'failed' ? (
        <Button
          size="xs"
          leftSection={<IconPlayerPlay size={14} />}
          loading={resume.isPending}
          onClick={() => resume.mutate({ id })}
        >
          {status === 'paused' ? 'Go on' : 'Try again'}
        </Button>
      ) : null}
      {status === 'finished' ? <ReportMenu audit={audit} /> : null}
      <Tooltip label="Remove this audit and its report">
        <ActionIcon
          variant="default"
          size={30}
          aria-label="Remove this audit and its report"
          loading={remove.isPending}
          onClick={() => remove.mutate({ id })}
        >
          <IconTrash size={15} />
        </ActionIcon>
      </Tooltip>
    </div>
  )
}

function ReportMenu({ audit: { id, part, from, to } }: { audit: AuditView }) {
  const { client } = useApi()
  const proof = useRangeProof()
  const json = useMutation({
    mutationFn: () => client.audit.report.query({ id }),
    onSuccess: ({ fileName, json: text }) => downloadText(fileName, text, 'application/json'),
    onError: showFailure,
  })
  const html = useMutation({
    async mutationFn() {
      const { fileName, json: text } = await client.audit.report.query({ id })
      return { fileName: fileName.replace(/\.json$/, '.html'), page: await selfCheckingPage(text) }
    },
    onSuccess: ({ fileName, page }) => downloadText(fileName, page, 'text/html'),
    onError: showFailure,
  })
  const pdf = useMutation({
    mutationFn: () => client.audit.pdf.query({ id }),
    onSuccess: ({ fileName, base64 }) =>
      downloadBlob(
        fileName,
        new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type: PDF }),
      ),
    onError: showFailure,
  })
  const isBusy = [json, html, pdf, proof].some(({ isPending }) => isPending)
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="xs" leftSection={<IconDownload size={14} />} loading={isBusy}>
          Report
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => json.mutate()}>Signed report (JSON), for tidemark verify</Menu.Item>
        <Menu.Item onClick={() => html.mutate()}>Page that checks itself (HTML), needs no network</Menu.Item>
        <Menu.Item onClick={() => pdf.mutate()}>Report to print (PDF), with the signed one inside</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={() => proof.mutate({ part, from, to })}>
          Proof of all verified messages, up to {formatCount(MAX_PROOF_MESSAGES)}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
