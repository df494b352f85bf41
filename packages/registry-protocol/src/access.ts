import type { Scope } from './scope.ts'

/**
 * One entry of a token's `access` claim: what the bearer may do with one resource.
 *
 * @see {@link https://distribution.github.io/distribution/spec/auth/jwt/ | Distribution: token claims}
 */
export interface Access {
  /** Never holds a class in parentheses: registries compare it byte by byte. */
  readonly type: string
  readonly name: string
  readonly actions: readonly string[]
  /** `plugin`, for example; absent for the default, `image`. */
  readonly class?: string
}

/** The access entry that grants exactly what `scope` asks for; {@link formatScope} prints it as a scope again. */
export const accessFromScope = ({ type, class: scopeClass, name, actions }: Scope): Access => ({
  type,
  name,
  actions: [...actions],
  ...(scopeClass !== undefined && scopeClass !== 'image' && { class: scopeClass }),
})
