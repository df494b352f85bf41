// tsyringe throws at import unless a Reflect polyfill came first, with or without decorators; the lite build is enough.
import 'reflect-metadata/lite'

export { container, type DependencyContainer, type InjectionToken, instanceCachingFactory } from 'tsyringe'
