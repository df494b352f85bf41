import type * as core from '@lockkeeper/core'
import type { ProjectManager } from '@lockkeeper/rbac'

export type { ChainRequest } from '@lockkeeper/core'

/** What a link found; it may bring projects as its caller sees them. */
export type LinkResult = core.LinkResult<ProjectManager>

/** One link of the security chain. Those that an auth mode brings know nothing of projects, and fit all the same. */
export type ChainLink = core.ChainLink<ProjectManager>
