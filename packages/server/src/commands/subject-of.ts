import type { ConfigurationError } from '@lockkeeper/core'

/** What the problems of an error are about: a file, a folder, a mode or a part. */
export const subjectOf = ({ message }: Pick<ConfigurationError, 'message'>): string =>
  message.slice(0, Math.max(message.indexOf(':'), 0)) || 'configuration'
