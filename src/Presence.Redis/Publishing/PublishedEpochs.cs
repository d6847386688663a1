namespace Presence.Redis.Publishing;

/// <summary>Epochs of this server in a text, with commas between: under any of them the store may have a client, since what was sent may have been done without an answer.</summary>
internal static class PublishedEpochs
{
    private const char Separator = ',';

    public static bool Has(string epochs, string epoch) =>
        epochs == epoch || (epochs.Contains(Separator) && epochs.Split(Separator).Contains(epoch));

    public static string Add(string epochs, string epoch) =>
        epochs.Length == 0 ? epoch : Has(epochs, epoch) ? epochs : $"{epochs}{Separator}{epoch}";
}
