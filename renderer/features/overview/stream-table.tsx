import type { StreamOverview } from '../../../shared/stream.ts'
import { StreamRow } from './stream-row.tsx'
import classes from './stream-table.module.css'

export function StreamTable({ streams }: { streams: readonly StreamOverview[] }) {
  return (
    <div className={classes.frame}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Stream</th>
            <th scope="col" className={classes.sparkColumn}>
              Last 10 minutes
            </th>
            <th scope="col" className={classes.number}>
              Rate
            </th>
            <th scope="col" className={classes.age}>
              Last message
            </th>
            <th scope="col" className={classes.verdictColumn}>
              Verdicts
            </th>
            <th scope="col" className={classes.small}>
              Gaps
            </th>
            <th scope="col" className={classes.number}>
              On disk
            </th>
            <th scope="col" className={classes.small}>
              Holders
            </th>
            <th scope="col" className={classes.actions}>
              <span className={classes.hidden}>Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {streams.map((stream) => (
            <StreamRow key={stream.part} stream={stream} />
          ))}
        </tbody>
      </table>
    </div>
  )
}
