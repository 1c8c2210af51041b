import CivilTime
import Testing

@Suite struct CivilDates {
  @Test func everyDayOfFourHundredYearsFollowsTheOneBefore() throws {
    var day = try #require(CivilDate(year: 1900, month: 1, day: 1))
    #expect(day.weekday == 1)
    for year in 1900..<2300 {
      for month in 1...12 {
        for number in 1...CivilDate.days(inMonth: month, of: year) {
          let date = try #require(CivilDate(year: year, month: month, day: number))
          #expect(date == day)
          #expect(date.components == (year, month, number))
          day = day.adding(days: 1)
        }
      }
    }
  }

  @Test(arguments: [(2026, 2, 29), (2100, 2, 29), (2026, 13, 1), (2026, 4, 31), (0, 1, 1), (2026, 1, 0)])
  func thereIsNoSuchDay(year: Int, month: Int, day: Int) {
    #expect(CivilDate(year: year, month: month, day: day) == nil)
  }

  /// The week of January 1 by ISO 8601, from its own examples and the calendars of those years.
  @Test(arguments: [
    (2005, 1, 1, 2004, 53), (2005, 1, 2, 2004, 53), (2007, 1, 1, 2007, 1), (2008, 12, 29, 2009, 1),
    (2010, 1, 3, 2009, 53), (2026, 11, 21, 2026, 47),
  ])
  func isoWeeks(year: Int, month: Int, day: Int, weekYear: Int, week: Int) throws {
    let date = try #require(CivilDate(year: year, month: month, day: day))
    #expect(date.isoWeek == (weekYear, week))
  }

  @Test func monthsBeginAndEnd() throws {
    let date = try #require(CivilDate(year: 2028, month: 2, day: 29))
    #expect(date.startOfMonth.text == "2028-02-01")
    #expect(date.startOfNextMonth.text == "2028-03-01")
    #expect(date.startOfWeek.text == "2028-02-28")
  }
}
