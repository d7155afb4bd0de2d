import { Link } from 'wouter'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { logLink, logPath } from '../../../shared/log-link.ts'
import { keeperText, type LogRef } from '../../../shared/remote-log.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { PlainText, visibleText } from '../../ui/plain-text.tsx'
import classes from './remote-log.module.css'

/** The name of a log, which leads to its head; who keeps it; and a link to cite it by. */
export function LogName({ log }: { log: LogRef }) {
  const place = { ref: { name: log.name, keeper: log.keeper }, page: null, entry: null }
  return (
    <div className={classes.nameLine}>
      <Link href={logPath(place)} className={classes.name} title={visibleText(log.name)}>
        <bdi>{shortenMiddle(visibleText(log.name), 18, 22)}</bdi>
      </Link>
      <span className={classes.keeper}>
        <PlainText>{keeperText(log.keeper)}</PlainText>
      </span>
      <CopyButton value={logLink(place)} what="a link to this log" />
    </div>
  )
}
