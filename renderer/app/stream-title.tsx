import { Menu, UnstyledButton } from '@mantine/core'
import { IconSelector } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useLocation } from 'wouter'
import { shortenMiddle } from '../../shared/format/identifier.ts'
import { useTRPC } from '../api/provider.tsx'
import { PlainText, visibleText } from '../ui/plain-text.tsx'
import { linkTo, type Screen, useView } from '../ui/use-view.ts'
import classes from './stream-title.module.css'

/** Which stream is on screen, and the way to another. */
export function StreamTitle({ screen }: { screen: Screen }) {
  const trpc = useTRPC()
  const [, go] = useLocation()
  const { view } = useView()
  const streams = useQuery(trpc.streams.list.queryOptions())
  const list = streams.data ?? []
  const current = list.find((stream) => stream.part === view.part)
  const title = current?.title ?? view.part ?? (list.length === 0 ? 'No stream' : 'Choose a stream')
  useEffect(() => {
    document.title = `${visibleText(title).slice(0, 80)} · Tidemark`
    return () => {
      document.title = 'Tidemark'
    }
  }, [title])
  return (
    <Menu position="bottom-start" width={420}>
      <Menu.Target>
        <UnstyledButton
          className={classes.target}
          aria-label={`Stream: ${visibleText(title).slice(0, 120)}. Choose another`}
        >
          <h1 className={classes.title}>
            <PlainText>{title}</PlainText>
          </h1>
          <span className={classes.id}>
            {current ? shortenMiddle(visibleText(current.part), 8, 22) : ' '}
          </span>
          <IconSelector size={14} className={classes.chevron} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown className={classes.list}>
        {list.length === 0 ? <Menu.Label>This node keeps no stream yet.</Menu.Label> : null}
        {list.map((stream) => (
          <Menu.Item
            key={stream.part}
            aria-current={stream.part === view.part || undefined}
            onClick={() => go(linkTo(screen, { part: stream.part, range: view.range }))}
          >
            <PlainText>{stream.title}</PlainText>
            <span className={classes.itemId}>{shortenMiddle(visibleText(stream.part), 12, 26)}</span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
