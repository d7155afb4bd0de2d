import type { SourceSettings } from '../../../shared/sources.ts'
import type { Clock, Logger } from '../ports.ts'
import { createChainCollector } from './chain-collector.ts'
import { createClockCollector } from './clock-collector.ts'
import type { Collector } from './collector.ts'
import { createCometbftCollector } from './cometbft-collector.ts'
import { createMachineCollector } from './machine-collector.ts'
import { createPrometheusCollector } from './prometheus-collector.ts'
import { createSolanaCollector } from './solana-collector.ts'

export interface CollectorSurroundings {
  /** A path on the file system whose space a machine source tells. */
  dataDir: string
  logger: Logger
  clock: Clock
}

/** The collector a source's settings ask for. Nothing is contacted before its first sample. */
export function createCollector(source: SourceSettings, around: CollectorSurroundings): Collector<object> {
  const { dataDir, clock } = around
  const logger = around.logger.child({ source: source.name })
  switch (source.kind) {
    case 'machine':
      return createMachineCollector({ logger, diskPath: dataDir })
    case 'evm':
      return createChainCollector({ rpcUrl: source.url, logger, clock })
    case 'cometbft':
      return createCometbftCollector({ url: source.url, validator: source.validator, logger, clock })
    case 'solana':
      return createSolanaCollector({ url: source.url, vote: source.vote, identity: source.identity, logger })
    case 'prometheus':
      return createPrometheusCollector({ url: source.url, metrics: source.metrics, logger })
    case 'clock':
      return createClockCollector({ server: source.server, logger, clock })
  }
}
