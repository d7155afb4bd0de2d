import { Button, Menu } from '@mantine/core'
import { IconCertificate } from '@tabler/icons-react'
import { formatCount } from '../../../shared/format/quantity.ts'
import type { MessageRow } from '../../../shared/message.ts'
import { MAX_PROOF_MESSAGES } from '../../../shared/proof.ts'
import type { View } from '../../../shared/view-link.ts'
import { useRangeProof } from '../../api/use-range-proof.ts'

export interface ProofMenuProps {
  part: string
  view: Pick<View, 'range' | 'publisher'>
  /** The rows that pass the filters, as far as they were read; newest first. */
  rows: readonly MessageRow[]
}

/** Takes messages away as a proof: those shown, or all of the stretch. */
export function ProofMenu({ part, view: { range, publisher }, rows }: ProofMenuProps) {
  const proof = useRangeProof()
  const shown = rows.filter(({ verdict }) => verdict === 'verified').slice(0, MAX_PROOF_MESSAGES)
  const times = shown.map(({ id }) => id.timestamp)
  const now = Date.now()
  const [from, to] = range.kind === 'live' ? [Math.max(0, now - range.spanMs), now] : [range.from, range.to]
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconCertificate size={14} />}
          loading={proof.isPending}
          title="Export a proof that anybody can check offline"
        >
          Proof
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          disabled={shown.length === 0}
          onClick={() =>
            proof.mutate({
              part,
              from: Math.min(...times),
              to: Math.max(...times),
              digests: shown.map(({ digest }) => digest),
            })
          }
        >
          The {formatCount(shown.length)} verified messages in this list
        </Menu.Item>
        <Menu.Item
          onClick={() =>
            proof.mutate({
              part,
              from: Math.floor(from),
              to: Math.ceil(to),
              ...(publisher === null ? {} : { publisher }),
            })
          }
        >
          All verified messages of this stretch of time{publisher === null ? '' : ', of this publisher'}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
