import { IconAlertTriangle, IconCoin } from '@tabler/icons-react'
import { covers, formatWei } from '../../shared/format/amount.ts'
import { formatCount } from '../../shared/format/quantity.ts'
import type { TransactionCost } from '../../shared/storage.ts'
import classes from './cost-note.module.css'

export interface CostNoteProps {
  cost: TransactionCost
  /** What gas is paid in. */
  currency: string
  /** The chain is this machine's own: its money is worth nothing elsewhere. */
  isFree: boolean
}

/** What a transaction would cost, and whether the node's account can pay it. */
export function CostNote({ cost, currency, isFree }: CostNoteProps) {
  const isCovered = covers(cost.balanceWei, cost.feeWei)
  return (
    <div className={classes.note} data-bad={!isCovered || undefined}>
      {isCovered ? <IconCoin size={16} aria-hidden /> : <IconAlertTriangle size={16} aria-hidden />}
      <p>
        {isFree ? (
          'Gas is free on the local network. '
        ) : (
          <>
            Costs at most{' '}
            <strong>
              {formatWei(cost.feeWei)} {currency}
            </strong>{' '}
            at present prices.{' '}
          </>
        )}
        <span className={classes.detail}>
          {formatCount(cost.gasUnits)} units of gas; this node’s account has {formatWei(cost.balanceWei)}{' '}
          {currency}.
        </span>
        {isCovered ? null : ' That is not enough: send gas to the address of this node first.'}
      </p>
    </div>
  )
}
