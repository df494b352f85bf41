import { describe, expect, it } from 'vitest'
import { type LdapEvent, type LdapNews, quietly } from '../src/events.ts'

const ambiguous = (name: string): LdapNews => ({ type: 'ambiguous_name', name, message: 'two entries' })

describe('what an operator is told', () => {
  function listening() {
    const heard: LdapEvent[] = []
    let nowMs = 0
    const tell = quietly(
      'ldap_auth',
      (event) => heard.push(event),
      () => nowMs,
    )
    const wait = (ms: number): void => {
      nowMs += ms
    }
    return { heard, tell, wait }
  }

  it('has the mode', () => {
    const { heard, tell } = listening()
    tell({ type: 'insecure', message: 'in clear' })
    expect(heard).toEqual([{ mode: 'ldap_auth', type: 'insecure', message: 'in clear' }])
  })

  it('is said of a name once a minute, whoever knocks', () => {
    const { heard, tell, wait } = listening()
    for (let knock = 0; knock < 1_000; knock++) tell(ambiguous('jane'))
    tell({ type: 'unusable_entry', name: 'jane', message: 'no id' })
    expect(heard.map(({ type }) => type)).toEqual(['ambiguous_name', 'unusable_entry'])
    wait(59_999)
    tell(ambiguous('jane'))
    expect(heard.length).toBe(2)
    wait(1)
    tell(ambiguous('jane'))
    expect(heard.length).toBe(3)
  })

  it('is said of a hundred names a minute, whatever their number', () => {
    const { heard, tell, wait } = listening()
    for (let name = 0; name < 1_000; name++) tell(ambiguous(`name-${name}`))
    expect(heard.length).toBe(100)
    wait(60_000)
    tell(ambiguous('name-999'))
    expect(heard.length).toBe(101)
  })

  it('is said of servers each time', () => {
    const { heard, tell } = listening()
    for (let time = 0; time < 3; time++) tell({ type: 'server_down', server: 'one:636', message: 'down' })
    expect(heard.length).toBe(3)
  })

  it('decides nothing, even where the listener throws', () => {
    const tell = quietly('ldap_auth', () => {
      throw new Error('the log is full')
    })
    expect(() => tell(ambiguous('jane'))).not.toThrow()
  })
})
