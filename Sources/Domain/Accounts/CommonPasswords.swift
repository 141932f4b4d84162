/// Passwords that are tried first. Only those with at least ten characters
/// matter here; shorter ones are refused anyway.
enum CommonPasswords {
  static func contains(_ password: String) -> Bool {
    let lowered = password.lowercased()
    if list.contains(lowered) { return true }
    // One character over and over, or a run such as 1234567890.
    let scalars = Array(lowered.unicodeScalars)
    if Set(scalars).count <= 2 { return true }
    let steps = Set(zip(scalars, scalars.dropFirst()).map { Int($1.value) - Int($0.value) })
    return steps == [1] || steps == [-1]
  }

  private static let list: Set<String> = [
    "1234567890", "0123456789", "12345678910", "123456789a", "1234567891", "9876543210",
    "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc", "qwertyuiop", "qwerty12345", "qwerty123456",
    "qwerty1234", "asdfghjkl1", "asdfghjkl;", "zaq12wsxcde3", "qazwsxedcrfv", "password12",
    "password123", "password1234", "password12345", "passw0rd123", "p@ssw0rd123", "p@ssword123",
    "password!!", "password01", "mypassword", "mypassword1", "letmein123", "letmein1234",
    "welcome123", "welcome1234", "welcome2024", "welcome2025", "welcome2026", "admin12345",
    "admin123456", "administrator", "administrator1", "iloveyou12", "iloveyou123", "iloveyou1234",
    "sunshine123", "princess123", "football123", "baseball123", "superman123", "batman1234",
    "dragon1234", "monkey1234", "master1234", "michael123", "jennifer123", "jordan2323",
    "changeme123", "changeme1234", "secret1234", "secret12345", "trustno1234", "whatever123",
    "abcdefghij", "abcdefghijk", "abcdefghijkl", "abcd123456", "abc1234567", "abc123456789",
    "a123456789", "aa12345678", "q1w2e3r4t5", "q1w2e3r4t5y6", "test123456", "test1234567",
    "testtest123", "testpassword", "user123456", "guest12345", "kubernetes", "kubernetes1",
    "kubernetes123", "babyhelm123", "babyhelm1234", "correcthorsebatterystaple", "googledotcom",
    "minecraft123", "pokemon123", "starwars123", "computer123", "internet123", "samsung123",
    "hello12345", "hello123456", "helloworld", "helloworld1", "helloworld123", "summer2024",
    "summer2025", "summer2026", "winter2024", "winter2025", "winter2026", "spring2026",
    "autumn2026", "january2026", "november2026", "december2026", "october2026",
  ]
}
