// The troubles of the two kinds of forms that are saved: those that change something, and those that make something.
import { inTime, soon } from './forms.mjs'

const never = /^NEVER /

// press presses a button that saves, by the keyboard, and returns the answer to what was sent. A mouse would have to
// wait where a notification lies over the button, and by resting there it would keep that open.
async function press(it, button, write) {
  await it.settled()
  if ((await button.count()) === 0 || !(await button.isEnabled())) throw new Error('there is nothing to save')
  const sent = (response) => write.test(`${response.request().method()} ${response.url()}`)
  const [answer] = await Promise.all([it.page.waitForResponse(sent), button.press('Enter')])
  return answer
}

// begin makes a subject, and opens its form; answers that the form can do without are held, if that is wanted.
async function begin(it, f, held = false) {
  const subject = await f.make?.(it)
  const needs = f.needs?.(subject) ?? never
  const needed = (path) => path.startsWith('/api/session') || needs.test(path)
  const late = (method, url) => method === 'GET' && !needed(url.pathname)
  const answers = held ? await it.hold(late) : null
  await it.open(f.at(subject))
  await f.ready?.(it.page, subject)
  if (!held) await it.settled()
  return { subject, answers }
}

// again saves once more, unless the form says that all is saved.
async function again(it, f) {
  const button = f.save(it.page)
  await it.settled()
  if ((await button.count()) > 0 && (await button.isEnabled())) await button.press('Enter')
}

// changing makes the cases of a form that changes something. What it is given:
//
//	make(it)             makes what is changed, through the API, and returns it
//	at(subject)          is the page
//	needs(subject)       are the paths without whose answers the form cannot be drawn
//	ready(page)          opens the form on its page, or waits for it
//	fill(page), shown(page), want
//	save(page)           is the button
//	write                is what saving sends, as a RegExp of 'METHOD url'
//	read(subject)        is the path by which the page reads what is changed
//	stored(ask, subject), kept
//	more: { do(page), shown(page), want, kept }  is one more edit, while the form is being saved
//	others: { theirs(ask, subject), shown, kept } is a change of what the form has not changed; shown, if it is seen
//	same: { theirs(ask, subject), shown }        is a change of what it has changed
//	leaves               tells that saving leads to another page
export function changing(form, f) {
  const stored = (it, subject, want) => inTime(it, 'stored', () => f.stored(it.ask, subject), want)
  const looks = async (it, when, want = f.want) => it.check(`shown ${when}`, await f.shown(it.page), want)
  const cases = {
    slow: async (it) => {
      const { subject, answers } = await begin(it, f, true)
      await f.fill(it.page, subject)
      await answers.stop()
      await it.settled()
      await looks(it, 'when the answers have come')
      await press(it, f.save(it.page), f.write)
      await stored(it, subject, f.kept)
      await it.settled()
      if (f.leaves !== true) await looks(it, 'when it is saved')
    },
    lost: async (it) => {
      const { subject } = await begin(it, f)
      await f.fill(it.page, subject)
      const answers = await it.hold(f.write)
      await f.save(it.page).click()
      await answers.asked(1)
      await answers.lose(0)
      await it.alert()
      await answers.stop()
      await it.settled()
      await looks(it, 'when the answer is lost')
      await again(it, f)
      await stored(it, subject, f.kept)
      await it.settled()
      if (f.leaves !== true) await looks(it, 'when it was saved again')
      if ((await it.page.locator('main').getByRole('alert').count()) > 0) {
        it.tell(`saved again: ${await it.page.locator('main').getByRole('alert').first().innerText()}`, 'no problem')
      }
    },
    order: async (it) => {
      const { subject } = await begin(it, f)
      const path = f.read(subject)
      const answers = await it.hold((method, url) => method === 'GET' && url.pathname === path)
      await it.lookAgain()
      await answers.asked(1)
      await f.fill(it.page, subject)
      await press(it, f.save(it.page), f.write)
      await it.drawn()
      for (let i = 1; (await answers.asked(1)).length > i; i++) await answers.release(i)
      await it.drawn()
      await answers.release(0)
      await answers.stop()
      await it.settled()
      if (f.leaves !== true) await looks(it, 'when the older answer has come')
      await stored(it, subject, f.kept)
    },
  }
  if (f.more !== undefined) {
    cases['edited while saved'] = async (it) => {
      const { subject } = await begin(it, f)
      await f.fill(it.page, subject)
      const answers = await it.hold(f.write)
      await f.save(it.page).click()
      await answers.asked(1)
      await f.more.do(it.page)
      await answers.stop()
      await it.settled()
      if ((await f.save(it.page).count()) === 0) return it.tell('the form is gone', 'the edit to stay')
      it.check('shown when it is saved', await f.more.shown(it.page), f.more.want)
      await press(it, f.save(it.page), f.write)
      return stored(it, subject, f.more.kept)
    }
  }
  if (f.others !== undefined) {
    cases['others changed'] = async (it) => {
      const { subject } = await begin(it, f)
      await f.fill(it.page, subject)
      await f.others.theirs(it.ask, subject)
      await readAgain(it, f.read(subject))
      await looks(it, 'when the others have saved', f.others.shown)
      if ((await it.page.getByText(/changed .*meanwhile/i).count()) > 0) {
        it.tell('a warning', 'none: they have changed something else')
      }
      await press(it, f.save(it.page), f.write)
      await stored(it, subject, f.others.kept)
    }
  }
  if (f.same !== undefined) {
    for (const [button, shown] of [['Keep mine', f.want], ['Load theirs', f.same.shown]]) {
      cases[`same changed, ${button}`] = async (it) => {
        const { subject } = await begin(it, f)
        await f.fill(it.page, subject)
        await f.same.theirs(it.ask, subject)
        await readAgain(it, f.read(subject))
        await looks(it, 'when the others have saved')
        if ((await it.page.getByText(/changed .*meanwhile/i).count()) === 0) {
          return it.tell('no word of it', 'changed ... meanwhile')
        }
        await it.page.getByRole('button', { name: button }).click()
        await it.drawn()
        it.check(`shown after ${button}`, await f.shown(it.page), shown)
        if (button !== 'Keep mine') return undefined
        await press(it, f.save(it.page), f.write)
        return stored(it, subject, f.same.kept ?? f.kept)
      }
    }
  }
  return Object.entries(cases).map(([trouble, run]) => ({ form, trouble, run }))
}

// readAgain makes the page read something again, and waits until the page has drawn it.
async function readAgain(it, path) {
  const isRead = (r) => r.request().method() === 'GET' && new URL(r.url()).pathname === path
  await Promise.all([it.page.waitForResponse(isRead), it.lookAgain()])
  await it.settled()
}

// creating makes the cases of a form that makes something: of what changing is given, those that apply, and
//
//	fill(page, name), shown(page), want(name)
//	stored(ask, name)    returns what was made, of everything that is so called; kept(name) is what it is to be
//	once                 tells that there can be only one of the name: then it may say so when it is saved again
//	looks                is what it asks when it is saved again: it looks whether it was made, and makes no second one
export function creating(form, f) {
  let made = 0
  const named = () => `${f.name ?? 'Made'} ${String.fromCharCode(65 + made++)}`
  const looks = async (it, when, name) => it.check(`shown ${when}`, await f.shown(it.page), f.want(name))
  return [
    {
      form, trouble: 'slow', run: async (it) => {
        const name = named()
        const { subject, answers } = await begin(it, f, true)
        await f.fill(it.page, name, subject)
        await answers.stop()
        await it.settled()
        await looks(it, 'when the answers have come', name)
        await press(it, f.save(it.page), f.write)
        await inTime(it, 'stored', () => f.stored(it.ask, name, subject), [f.kept(name)])
      },
    },
    {
      form, trouble: 'lost', run: async (it) => {
        const name = named()
        const { subject } = await begin(it, f)
        await f.fill(it.page, name, subject)
        const answers = await it.hold(f.write)
        await f.save(it.page).click()
        await answers.asked(1)
        await answers.lose(0)
        await it.alert()
        await answers.stop()
        await it.settled()
        await looks(it, 'when the answer is lost', name)
        await press(it, f.save(it.page), f.looks ?? f.write)
        await it.settled()
        const problem = it.page.locator('main, [role=dialog]').getByRole('alert').first()
        if (f.once === true && (await problem.count()) > 0) {
          const said = await problem.innerText()
          if (!/another|exist|already|taken/i.test(said)) it.tell(said, 'that it is there already')
        }
        await soon('something is stored', async () => (await f.stored(it.ask, name, subject)).length > 0)
        const all = await f.stored(it.ask, name, subject)
        it.check('stored', all, f.looks === undefined ? all.map(() => f.kept(name)) : [f.kept(name)])
      },
    },
  ]
}

// backwards releases what is held, the newest first, until nothing more is asked for.
export async function backwards(it, answers) {
  for (let released = 0; ;) {
    const asked = (await answers.asked(0)).length
    for (let i = asked - 1; i >= released; i--) await answers.release(i)
    if (asked === released) return
    released = asked
    await it.settled()
  }
}

// switching makes the cases of a switch that saves when it is turned. What it is given:
//
//	make(it), at(subject), ready(page)  as of changing
//	name, write                         of the switch, and of what it sends
//	stored(ask, subject)                is how it is stored
//	edit, edited                        type into a form beside it, and read that; or neither
export function switching(form, f) {
  const begun = async (it) => {
    const { subject } = await begin(it, f)
    const one = it.page.getByRole('switch', { name: f.name, exact: true })
    const was = await one.isChecked()
    const turn = async () => {
      await one.click({ force: true, noWaitAfter: true })
      await it.drawn()
    }
    return { subject, one, was, turn }
  }
  const ends = async (it, { subject, one }, want) => {
    await inTime(it, 'stored', () => f.stored(it.ask, subject), want)
    await it.settled()
    await inTime(it, 'shown at last', () => one.isChecked(), want)
  }
  const run = {
    slow: async (it) => {
      const s = await begun(it)
      const answers = await it.hold(f.write)
      await s.turn()
      await answers.asked(1)
      it.check('shown while it is saved', await s.one.isChecked(), !s.was)
      await f.edit?.(it.page)
      await answers.stop()
      await ends(it, s, !s.was)
      if (f.edited !== undefined) it.check('edited beside it', await f.edited(it.page), 'Edited')
    },
    lost: async (it) => {
      const s = await begun(it)
      await f.edit?.(it.page)
      const answers = await it.hold(f.write)
      await s.turn()
      await answers.asked(1)
      await answers.lose(0)
      await it.alert()
      await answers.stop()
      await it.settled()
      const alike = async () => (await s.one.isChecked()) === (await f.stored(it.ask, s.subject))
      await inTime(it, 'shown as it is stored', alike, true)
      if ((await s.one.isChecked()) === s.was) await s.turn()
      await ends(it, s, !s.was)
      if (f.edited !== undefined) it.check('edited beside it', await f.edited(it.page), 'Edited')
    },
    order: async (it) => {
      const s = await begun(it)
      const answers = await it.hold(f.write)
      await s.turn()
      await answers.asked(1)
      await s.turn()
      it.check('shown when it is turned back', await s.one.isChecked(), s.was)
      await backwards(it, answers)
      await answers.stop()
      await ends(it, s, s.was)
    },
  }
  return Object.entries(run).map(([trouble, run]) => ({ form, trouble, run }))
}
