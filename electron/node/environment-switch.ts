import {
  type CustomNetwork,
  ENVIRONMENTS,
  type EndpointHealth,
  type EnvironmentDescription,
  type EnvironmentName,
  type EnvironmentView,
} from '../../shared/environment.ts'
import { TidemarkError } from '../../shared/errors.ts'
import type { EnvironmentChoice } from './environment-choice.ts'
import type { SettingsFile } from './settings-file.ts'
import { environmentPreset } from './streamr/presets.ts'

export interface EnvironmentChange {
  environment: EnvironmentName
  /** The user’s own endpoints for it; null for the usual ones, left out to keep what was. */
  rpcUrls?: string[] | null | undefined
  custom?: CustomNetwork | null | undefined
}

/** Shows the environment a node runs in, and takes down which one it is to run in next. */
export interface EnvironmentSwitch {
  view(): EnvironmentView
  /** On disk when it resolves; used from the next start on. @throws TidemarkError `invalid-input` */
  choose(change: EnvironmentChange): Promise<EnvironmentView>
}

const LOCAL: EnvironmentDescription = {
  name: 'local',
  title: 'Local network on this machine',
  chainId: 31_337,
  currency: 'ETH',
  rpcUrls: [],
  ownRpcUrls: false,
  hasHostedIndex: false,
  lacks: null,
}

function descriptionOf(
  name: EnvironmentName,
  { rpcUrls, custom }: EnvironmentChoice,
): EnvironmentDescription {
  if (name === 'local') return LOCAL
  if (name === 'custom') {
    return {
      name,
      title: 'A network of your own',
      chainId: custom?.chainId ?? null,
      currency: 'of its own',
      rpcUrls: custom?.rpcUrls ?? [],
      ownRpcUrls: true,
      hasHostedIndex: (custom?.theGraphUrl ?? null) !== null,
      lacks: custom === null ? 'It has to be described first.' : null,
    }
  }
  const { title, chainId, currency, rpcUrls: usual, theGraphUrl } = environmentPreset(name)
  const own = rpcUrls[name]
  return {
    name,
    title,
    chainId,
    currency,
    rpcUrls: own ?? usual,
    ownRpcUrls: own !== undefined,
    hasHostedIndex: theGraphUrl !== null,
    lacks: null,
  }
}

function changed(
  now: EnvironmentChoice,
  { environment, rpcUrls, custom }: EnvironmentChange,
): EnvironmentChoice {
  const next = { ...now, environment, rpcUrls: { ...now.rpcUrls } }
  if (custom !== undefined) next.custom = custom
  if (rpcUrls === null) delete next.rpcUrls[environment]
  else if (rpcUrls !== undefined) next.rpcUrls[environment] = rpcUrls
  return next
}

export function createEnvironmentSwitch(
  file: SettingsFile<EnvironmentChoice>,
  endpoints: () => EndpointHealth[],
): EnvironmentSwitch {
  const running = file.current
  const view = (): EnvironmentView => {
    const { current } = file
    const { environment } = current
    const sameEndpoints =
      JSON.stringify(current.rpcUrls[environment]) === JSON.stringify(running.rpcUrls[environment])
    const sameCustom =
      environment !== 'custom' || JSON.stringify(current.custom) === JSON.stringify(running.custom)
    return {
      running: running.environment,
      chosen: environment,
      isFirstRun: !file.exists,
      needsRestart: environment !== running.environment || !sameEndpoints || !sameCustom,
      environments: ENVIRONMENTS.map((name) => descriptionOf(name, current)),
      custom: current.custom,
      endpoints: endpoints(),
    }
  }
  return {
    view,
    async choose(change) {
      const next = changed(file.current, change)
      if (next.environment === 'custom' && next.custom === null) {
        throw new TidemarkError(
          'invalid-input',
          'A network of your own has to be described before it can be chosen.',
          'Give its chain, its RPC endpoints, its contracts and its entry points.',
        )
      }
      await file.update((now) => changed(now, change))
      return view()
    },
  }
}
