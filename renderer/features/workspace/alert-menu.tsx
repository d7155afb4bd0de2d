import { Menu } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'wouter'
import { formatCount } from '../../../shared/format/quantity.ts'
import { MAX_MARKS } from '../../../shared/rules/limits.ts'
import { SEVERITIES } from '../../../shared/rules/rule.ts'
import type { ChartAlert } from '../../ui/chart/frame.ts'
import { createExternalStore, type ExternalStore, useExternalStore } from '../../ui/external-store.ts'
import { navigate } from '../../ui/hash-location.ts'
import { SeverityIcon } from '../../ui/severity.tsx'
import { linkTo } from '../../ui/use-view.ts'
import { AlertWords } from './alert-card.tsx'
import classes from './alert-menu.module.css'

/** Alerts that are listed one by one; more are for the page of alerts. */
const MAX_LISTED_ALERTS = 12

const NONE: readonly ChartAlert[] = []

/** What a panel over time has of alerts, for its head and its list. */
export interface PanelAlertView {
  /** In the window, in the order in which they began. */
  inView: ExternalStore<readonly ChartAlert[]>
  /** Those that were asked for, while they are listed. */
  listed: ExternalStore<readonly ChartAlert[]>
  /** Leads to the one, or lists the many. */
  choose(alerts: readonly ChartAlert[]): void
}

export function createPanelAlertView(): PanelAlertView {
  const listed = createExternalStore(NONE)
  return {
    inView: createExternalStore(NONE),
    listed,
    choose(alerts) {
      const [first] = alerts
      if (first !== undefined && alerts.length === 1) navigate(linkOf(first))
      else listed.set(alerts)
    },
  }
}

/** Takes over a list unless it holds the same as before: nothing is rendered for what has not changed. */
export function setAlerts(store: ExternalStore<readonly ChartAlert[]>, alerts: readonly ChartAlert[]): void {
  const before = store.get()
  const isSame = before.length === alerts.length && alerts.every((alert, index) => alert === before[index])
  if (!isSame) store.set(alerts)
}

export function alertsInWords(alerts: readonly ChartAlert[]): string {
  const firing = alerts.filter(({ isFiring }) => isFiring).length
  const count = `${formatCount(alerts.length)}${alerts.length >= MAX_MARKS ? ' or more' : ''}`
  return `${count} ${alerts.length === 1 ? 'alert' : 'alerts'}${firing === 0 ? '' : `, ${formatCount(firing)} firing,`}`
}

function linkOf({ id, part }: ChartAlert): string {
  return linkTo('alerts', { part, alert: id })
}

/** How many alerts are in the window of a panel, and the way to each of them. */
export function AlertMenu({ title, view }: { title: string; view: PanelAlertView }) {
  const inView = useExternalStore(view.inView)
  const listed = useExternalStore(view.listed)
  const [isOpen, setIsOpen] = useState(false)
  const alerts = listed.length > 0 ? listed : inView
  const worst = SEVERITIES.findLast((severity) => inView.some((alert) => alert.severity === severity))
  const isFiring = inView.some((alert) => alert.isFiring)
  const newest = [...alerts].sort((a, b) => b.from - a.from).slice(0, MAX_LISTED_ALERTS)
  return (
    <Menu
      position="bottom-end"
      width={300}
      withinPortal
      opened={isOpen || listed.length > 0}
      onChange={(opened) => {
        setIsOpen(opened)
        if (!opened) view.listed.set(NONE)
      }}
    >
      <Menu.Target>
        <button
          type="button"
          className={`${classes.target} panel-still`}
          aria-label={`${alertsInWords(inView)} in view of ${title}`}
          data-alerts
          data-none={inView.length === 0 || undefined}
          data-over={!isFiring || undefined}
        >
          <SeverityIcon severity={worst ?? 'info'} size={14} />
          {formatCount(inView.length)}
        </button>
      </Menu.Target>
      <Menu.Dropdown className={classes.list ?? ''}>
        <Menu.Label>
          {listed.length > 0 ? `${formatCount(listed.length)} that begin here` : 'Alerts in view'}
        </Menu.Label>
        {newest.map((alert) => (
          <Menu.Item key={alert.id} component={Link} href={linkOf(alert)}>
            <AlertWords alert={alert} />
          </Menu.Item>
        ))}
        {alerts.length > newest.length ? (
          <Menu.Item component={Link} href={linkTo('alerts', {})} className={classes.more}>
            {formatCount(alerts.length - newest.length)} more: all alerts
          </Menu.Item>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  )
}
