import { Alert, Button, Radio, Textarea } from '@mantine/core'
import { IconRefreshAlert } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  customNetworkInput,
  type EnvironmentDescription,
  type EnvironmentName,
  type EnvironmentView,
} from '../../../shared/environment.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { visibleText } from '../../ui/plain-text.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import classes from './environment-settings.module.css'
import settings from './settings.module.css'

/** Endpoints fail and come back by themselves; what is shown follows this often. */
const REFRESH_MS = 3_000
const MAX_TEXT = 16_384

const CUSTOM_TEMPLATE = JSON.stringify(
  {
    chainId: 31337,
    rpcUrls: ['http://127.0.0.1:8545'],
    contracts: { streamRegistry: '0x…', streamStorageRegistry: '0x…', storageNodeRegistry: '0x…' },
    entryPoints: [{ nodeId: '…', websocket: { host: '127.0.0.1', port: 40500, tls: false } }],
    theGraphUrl: null,
    startBlock: 0,
  },
  null,
  2,
)

/** Which Streamr environment this node works in, and how its chain is reached. */
export function EnvironmentSettings() {
  const trpc = useTRPC()
  const view = useQuery(trpc.node.environment.queryOptions(undefined, { refetchInterval: REFRESH_MS }))
  return (
    <section className={settings.group} aria-labelledby="settings-environment">
      <h2 id="settings-environment">Environment</h2>
      {view.data !== undefined ? (
        <Choices view={view.data} />
      ) : view.error !== null ? (
        <ErrorState title="The environment cannot be told" error={errorViewOf(view.error)} />
      ) : (
        <LoadingState what="the environments" />
      )}
    </section>
  )
}

function Choices({ view }: { view: EnvironmentView }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [picked, setPicked] = useState<EnvironmentName>(view.chosen)
  const choose = useMutation(
    trpc.node.chooseEnvironment.mutationOptions({
      onSuccess: (next) => queryClient.setQueryData(trpc.node.environment.queryKey(), next),
    }),
  )
  const environment = view.environments.find(({ name }) => name === picked)
  const title = (name: EnvironmentName) =>
    view.environments.find((candidate) => candidate.name === name)?.title ?? name
  return (
    <div className={settings.card}>
      <Radio.Group
        className={classes.choices}
        value={picked}
        onChange={(value) => setPicked(value as EnvironmentName)}
        aria-label="Streamr environment"
      >
        {view.environments.map((candidate) => (
          <Radio
            key={candidate.name}
            value={candidate.name}
            label={candidate.title}
            description={wordsOf(candidate, view)}
            size="xs"
          />
        ))}
      </Radio.Group>
      {environment === undefined ? null : (
        <Chosen
          key={picked}
          environment={environment}
          view={view}
          isBusy={choose.isPending}
          onChoose={(change) => choose.mutate({ environment: picked, ...change })}
        />
      )}
      {choose.error === null ? null : (
        <Alert color="danger" variant="outline" role="alert" className={classes.notice}>
          <bdi>{errorViewOf(choose.error).message}</bdi> <bdi>{errorViewOf(choose.error).remedy}</bdi>
        </Alert>
      )}
      {view.needsRestart ? (
        <Alert
          color="gray"
          variant="outline"
          icon={<IconRefreshAlert size={17} />}
          className={classes.notice}
          role="status"
        >
          Restart Tidemark to change from {title(view.running)} to {title(view.chosen)}. What is stored in
          each environment stays where it is and is there again when you come back to it.
        </Alert>
      ) : null}
      <Endpoints view={view} />
    </div>
  )
}

function wordsOf(candidate: EnvironmentDescription, view: EnvironmentView): string {
  const chain = candidate.chainId === null ? candidate.lacks : `Chain ${candidate.chainId}`
  const gas =
    candidate.name === 'local' ? 'gas is free, nothing leaves this machine' : `gas in ${candidate.currency}`
  const index = candidate.hasHostedIndex ? ', searched through The Graph' : ''
  const running = candidate.name === view.running ? '. In use now' : ''
  return candidate.chainId === null ? (chain ?? '') : `${chain}, ${gas}${index}${running}`
}

interface ChosenProps {
  environment: EnvironmentDescription
  view: EnvironmentView
  isBusy: boolean
  onChoose(change: { rpcUrls?: string[] | null; custom?: EnvironmentView['custom'] }): void
}

function Chosen({ environment, view, isBusy, onChoose }: ChosenProps) {
  const { name } = environment
  const [endpoints, setEndpoints] = useState(environment.rpcUrls.join('\n'))
  const [custom, setCustom] = useState(
    view.custom === null ? CUSTOM_TEMPLATE : JSON.stringify(view.custom, null, 2),
  )
  const urls = endpoints.split(/\s+/).filter((line) => line !== '')
  const isChanged = urls.join(' ') !== environment.rpcUrls.join(' ')
  const read = readCustom(custom)
  const isNews = name !== view.chosen || view.isFirstRun || isChanged || name === 'custom'
  const use = () => {
    if (name === 'custom') onChoose(read.network === null ? {} : { custom: read.network })
    else if (name === 'local') onChoose({})
    else onChoose(isChanged ? { rpcUrls: urls } : {})
  }
  if (name === 'local' && !isNews) return null
  return (
    <div className={classes.chosen}>
      {name === 'custom' ? (
        <Textarea
          label="Description of the network"
          description="Chain, RPC endpoints in the order of preference, contracts, entry points; JSON."
          value={custom}
          onChange={(event) => setCustom(event.currentTarget.value)}
          error={custom === CUSTOM_TEMPLATE ? null : read.problem}
          maxLength={MAX_TEXT}
          autosize
          minRows={6}
          maxRows={18}
          spellCheck={false}
          classNames={{ input: classes.code ?? '' }}
        />
      ) : name === 'local' ? null : (
        <Textarea
          label="RPC endpoints"
          description="One a line, in the order of preference: the next is asked when one does not answer."
          value={endpoints}
          onChange={(event) => setEndpoints(event.currentTarget.value)}
          maxLength={MAX_TEXT}
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          classNames={{ input: classes.code ?? '' }}
        />
      )}
      <div className={classes.actions}>
        {environment.ownRpcUrls && name !== 'custom' ? (
          <Button variant="default" size="xs" onClick={() => onChoose({ rpcUrls: null })}>
            Back to the usual endpoints
          </Button>
        ) : null}
        <Button
          size="xs"
          loading={isBusy}
          disabled={!isNews || (name === 'custom' && read.network === null)}
          onClick={use}
        >
          {name === view.running ? 'Keep it' : 'Use it from the next start'}
        </Button>
      </div>
    </div>
  )
}

function readCustom(text: string): { network: EnvironmentView['custom']; problem: string | null } {
  try {
    const result = customNetworkInput.safeParse(JSON.parse(text))
    if (result.success) return { network: result.data, problem: null }
    const [issue] = result.error.issues
    return { network: null, problem: `${issue?.path.join('.') || 'The whole'}: ${issue?.message ?? 'wrong'}` }
  } catch {
    return { network: null, problem: 'This is no JSON.' }
  }
}

function Endpoints({ view }: { view: EnvironmentView }) {
  return (
    <ul className={classes.endpoints} aria-label="RPC endpoints in use">
      {view.endpoints.map((endpoint, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: several endpoints may share an origin; their order is fixed
        <li key={index} data-bad={!endpoint.ok || undefined}>
          <bdi className={classes.url}>{visibleText(endpoint.url)}</bdi>
          <span>
            {endpoint.ok ? 'works' : `fails, ${endpoint.failuresInARow} in a row: `}
            {endpoint.problem === null ? null : <bdi>{visibleText(endpoint.problem)}</bdi>}
          </span>
        </li>
      ))}
    </ul>
  )
}
