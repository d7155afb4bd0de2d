import type { GossipSub } from '@libp2p/gossipsub'
import type { PeerScoreParams, TopicScoreParams } from '@libp2p/gossipsub/score'
import { createTopicScoreParams } from '@libp2p/gossipsub/score'

/** Topics are quiet: a node announces a stream part every few minutes. Counters fade by half in about an hour. */
const DECAY_INTERVAL_MS = 10_000
const DECAY = 0.5 ** (DECAY_INTERVAL_MS / 3_600_000)

/** Peers on one host above which gossipsub itself begins to mistrust them. */
const HOST_COLOCATION_THRESHOLD = 16

/**
 * How gossipsub judges its peers on one topic: a little for being in the mesh, more for being first with
 * announcements, much against invalid ones. Delivery rates are not demanded, because nobody owes an announcement.
 */
export function topicScoreParams(): TopicScoreParams {
  return createTopicScoreParams({
    topicWeight: 1,
    timeInMeshWeight: 0.01,
    timeInMeshQuantum: 60_000,
    timeInMeshCap: 60,
    firstMessageDeliveriesWeight: 0.5,
    firstMessageDeliveriesDecay: DECAY,
    firstMessageDeliveriesCap: 20,
    meshMessageDeliveriesWeight: 0,
    meshFailurePenaltyWeight: 0,
    invalidMessageDeliveriesWeight: -20,
    invalidMessageDeliveriesDecay: DECAY,
  })
}

/** @param appScoreOf what this node thinks of a peer beyond its gossip, from -100 to 20. */
export function peerScoreParams(appScoreOf: (peerId: string) => number): Partial<PeerScoreParams> {
  return {
    topics: {},
    topicScoreCap: 30,
    appSpecificScore: appScoreOf,
    appSpecificWeight: 1,
    IPColocationFactorWeight: -5,
    IPColocationFactorThreshold: HOST_COLOCATION_THRESHOLD,
    IPColocationFactorWhitelist: new Set(['127.0.0.1', '::1']),
    behaviourPenaltyWeight: -10,
    behaviourPenaltyThreshold: 2,
    behaviourPenaltyDecay: DECAY,
    decayInterval: DECAY_INTERVAL_MS,
    retainScore: 3_600_000,
  }
}

/** Scores below which a peer gets no gossip, nothing published, and at last no hearing. */
export const SCORE_THRESHOLDS = {
  gossipThreshold: -20,
  publishThreshold: -40,
  graylistThreshold: -60,
  acceptPXThreshold: 100,
  opportunisticGraftThreshold: 1,
}

/**
 * Makes gossipsub score a topic that is subscribed to later than it was created. The library takes topics' scores
 * at creation only; its table of them is reached through its own, untyped field, and its absence is an error here
 * rather than a topic that goes unscored.
 */
export function scoreTopic(pubsub: GossipSub, topic: string): void {
  const { score } = pubsub as unknown as {
    score?: { params?: { topics?: Record<string, TopicScoreParams> } }
  }
  const topics = score?.params?.topics
  if (topics === undefined) throw new Error('This version of gossipsub keeps its topic scores elsewhere.')
  topics[topic] ??= topicScoreParams()
}
